import { hash } from "node:crypto";
import { type Adapter, type AdapterFactory, type AdapterPayload, errors } from "oidc-provider";
import type pg from "pg";
import { BriefCache } from "./brief-cache.ts";
import type { PipelinedConnections } from "./pipelined-connections.ts";
import type { Sealer } from "./sealer.ts";

export type OidcAdapterParts = {
  statements: PipelinedConnections;
  /** The same database; see `OpenDatabase`. */
  unsyncedStatements: PipelinedConnections;
  sealer: Sealer;
  /** Milliseconds since 1970. */
  clock: () => number;
};

/** Changed only by re-registration. */
const clientCacheTime = 5_000;

/**
 * A grant is not changed once it is saved, and its revocation deletes every token that leads to it. The cache only
 * saves reading it again on the way from the approval to the tokens.
 */
const grantCacheTime = 10_000;

/** How long the result of an interaction stays at hand for the browser's next request, in milliseconds. */
const resultCacheTime = 10_000;

/**
 * Steps on the way to tokens: before these are handed out an access token is written, and with it everything before it
 * is on disk. What a power cut takes of an unfinished sign-in makes it fail, never succeed twice.
 */
const unsyncedModels = new Set(["Interaction", "Grant", "AuthorizationCode", "PushedAuthorizationRequest"]);

/** A pushed request is consumed when the person has decided, which may be after its own time. In seconds. */
const pushedRequestKept = 3600;

/** Whoever holds one of these ids may use what it names, so the table holds only a digest of it. */
const bearerModels = new Set([
  "AccessToken",
  "AuthorizationCode",
  "BackchannelAuthenticationRequest",
  "ClientCredentials",
  "RefreshToken",
  "PushedAuthorizationRequest",
  "RegistrationAccessToken",
  "InitialAccessToken",
  "Session",
]);

/** An identifier that may be used once was used before. */
export class AlreadyUsed extends errors.InvalidRequest {}

/**
 * Storage for `oidc-provider` in which every single use is atomic: of any number of parallel uses in any number of
 * processes exactly one succeeds. (The library finds, checks and consumes in separate steps.)
 * Each call is one statement, named, so that PostgreSQL plans it once per connection.
 */
export function createOidcAdapter(parts: OidcAdapterParts): AdapterFactory {
  return (model) => {
    switch (model) {
      case "BackchannelAuthenticationRequest":
        return new BackChannelAdapter(model, parts);
      case "Client":
        return new ClientAdapter(model, parts, clientCacheTime);
      case "Grant":
        return new CachedAdapter(model, parts, grantCacheTime);
      case "Session":
        return new SessionAdapter(model, parts);
      case "Interaction":
        return new InteractionAdapter(model, parts);
      case "PushedAuthorizationRequest":
        return new PushedRequestAdapter(model, parts);
      case "ReplayDetection":
        return new ReplayAdapter(model, parts);
      default:
        return new OidcAdapter(model, parts);
    }
  };
}

class OidcAdapter implements Adapter {
  readonly #model: string;
  readonly #parts: OidcAdapterParts;
  readonly #statements: PipelinedConnections;

  constructor(model: string, parts: OidcAdapterParts) {
    this.#model = model;
    this.#parts = parts;
    this.#statements = unsyncedModels.has(model) ? parts.unsyncedStatements : parts.statements;
  }

  async upsert(id: string, payload: AdapterPayload, expiresIn?: number): Promise<void> {
    await this.execute(
      "oidc-upsert",
      `INSERT INTO oidc_artefacts (id, model, payload, grant_id, account_id, client_id, expires_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7)
       ON CONFLICT (id, model) DO UPDATE SET payload = excluded.payload, grant_id = excluded.grant_id,
         account_id = excluded.account_id, client_id = excluded.client_id, expires_at = excluded.expires_at`,
      [
        this.key(id),
        this.#model,
        JSON.stringify(this.encode(id, payload)),
        payload.grantId ?? null,
        payload.accountId ?? null,
        payload.clientId ?? null,
        this.expiry(expiresIn),
      ],
    );
  }

  /** Nothing that is past its time, also when the sweep has not come by yet. */
  async find(id: string): Promise<AdapterPayload | undefined> {
    const { rows } = await this.execute<{ payload: AdapterPayload; consumed_at: Date | null }>(
      "oidc-find",
      `SELECT payload, consumed_at FROM oidc_artefacts
       WHERE id = $1 AND model = $2 AND (expires_at IS NULL OR expires_at > $3)`,
      [this.key(id), this.#model, this.now()],
    );
    const row = rows[0];
    if (!row) return undefined;
    const payload = this.decode(id, row.payload);
    return row.consumed_at ? { ...payload, consumed: Math.floor(row.consumed_at.getTime() / 1000) } : payload;
  }

  async consume(id: string): Promise<void> {
    const { rowCount } = await this.execute(
      "oidc-consume",
      "UPDATE oidc_artefacts SET consumed_at = $3 WHERE id = $1 AND model = $2 AND consumed_at IS NULL",
      [this.key(id), this.#model, this.now()],
    );
    if (rowCount === 1) return;
    if (this.#model === "PushedAuthorizationRequest") throw new errors.InvalidRequestUri("request_uri was used before");
    throw new errors.InvalidGrant(`${this.#model} was used before`);
  }

  async destroy(id: string): Promise<void> {
    await this.remove(id, this.#parts.statements);
  }

  async revokeByGrantId(grantId: string): Promise<void> {
    const text = "DELETE FROM oidc_artefacts WHERE grant_id = $1 AND model = $2";
    await this.execute("oidc-revoke", text, [grantId, this.#model], this.#parts.statements);
  }

  async findByUid(): Promise<undefined> {
    throw new TypeError("sessions are not kept, so none is found by its uid");
  }

  async findByUserCode(): Promise<undefined> {
    throw new TypeError("the device flow is off");
  }

  /** Whether it was there. */
  protected async remove(id: string, statements = this.#statements): Promise<boolean> {
    const text = "DELETE FROM oidc_artefacts WHERE id = $1 AND model = $2";
    const { rowCount } = await this.execute("oidc-destroy", text, [this.key(id), this.#model], statements);
    return rowCount === 1;
  }

  protected encode(_id: string, payload: AdapterPayload): object {
    if (!bearerModels.has(this.#model)) return payload;
    const { jti: _secret, ...rest } = payload;
    return rest;
  }

  protected decode(id: string, payload: AdapterPayload): AdapterPayload {
    return bearerModels.has(this.#model) ? { ...payload, jti: id } : payload;
  }

  protected key(id: string): string {
    return bearerModels.has(this.#model) ? hash("sha256", id, "base64url") : id;
  }

  protected now(): Date {
    return new Date(this.#parts.clock());
  }

  protected expiry(expiresIn: number | undefined): Date | null {
    if (expiresIn === undefined) return null;
    const kept = this.#model === "PushedAuthorizationRequest" ? expiresIn + pushedRequestKept : expiresIn;
    return new Date(this.#parts.clock() + kept * 1000);
  }

  protected execute<Row extends pg.QueryResultRow>(
    name: string,
    text: string,
    values: unknown[],
    statements = this.#statements,
  ): Promise<pg.QueryResult<Row>> {
    return statements.query<Row>({ name, text, values });
  }
}

class CachedAdapter extends OidcAdapter {
  readonly #cache: BriefCache<AdapterPayload>;

  constructor(model: string, parts: OidcAdapterParts, lifetime: number) {
    super(model, parts);
    this.#cache = new BriefCache(lifetime, parts.clock);
  }

  override async upsert(id: string, payload: AdapterPayload, expiresIn?: number): Promise<void> {
    await super.upsert(id, payload, expiresIn);
    this.#cache.set(id, payload);
  }

  override async find(id: string): Promise<AdapterPayload | undefined> {
    const cached = this.#cache.get(id);
    if (cached) return cached;
    const payload = await super.find(id);
    if (payload) this.#cache.set(id, payload);
    return payload;
  }

  override async destroy(id: string): Promise<void> {
    this.#cache.delete(id);
    await super.destroy(id);
  }
}

/** A client secret is needed in the clear to be compared with, so it is sealed in the table. */
class ClientAdapter extends CachedAdapter {
  readonly #sealer: Sealer;

  constructor(model: string, parts: OidcAdapterParts, lifetime: number) {
    super(model, parts, lifetime);
    this.#sealer = parts.sealer;
  }

  protected override encode(id: string, payload: AdapterPayload): object {
    const { client_secret: secret, ...rest } = payload;
    if (secret === undefined) return payload;
    return { ...rest, client_secret: this.#sealer.seal(secretContext(id), secret).toString("base64url") };
  }

  protected override decode(id: string, payload: AdapterPayload): AdapterPayload {
    const { client_secret: sealed } = payload;
    if (sealed === undefined) return payload;
    const secret = this.#sealer.open(secretContext(id), Buffer.from(sealed, "base64url")).toString();
    return { ...payload, client_secret: secret };
  }
}

/** What a relying party pushes may hold a text to be signed, which may be about anybody. */
class PushedRequestAdapter extends OidcAdapter {
  readonly #sealer: Sealer;

  constructor(model: string, parts: OidcAdapterParts) {
    super(model, parts);
    this.#sealer = parts.sealer;
  }

  protected override encode(id: string, payload: AdapterPayload): object {
    const { request, ...rest } = super.encode(id, payload) as AdapterPayload;
    if (request === undefined) return rest;
    return { ...rest, request: this.#sealer.seal(this.#context(id), request).toString("base64url") };
  }

  protected override decode(id: string, payload: AdapterPayload): AdapterPayload {
    const { request, ...rest } = super.decode(id, payload);
    if (request === undefined) return rest;
    return { ...rest, request: this.#sealer.open(this.#context(id), Buffer.from(request, "base64url")).toString() };
  }

  #context(id: string): string {
    return `oidc_artefacts.request:${this.key(id)}`;
  }
}

/** What a relying party says to a person and has them sign, and the token that it is told of the result with. */
class BackChannelAdapter extends OidcAdapter {
  readonly #sealer: Sealer;

  constructor(model: string, parts: OidcAdapterParts) {
    super(model, parts);
    this.#sealer = parts.sealer;
  }

  protected override encode(id: string, payload: AdapterPayload): object {
    const { params, ...rest } = super.encode(id, payload) as AdapterPayload;
    const sealed = this.#sealer.seal(this.#context(id), JSON.stringify(params ?? {}));
    return { ...rest, params: sealed.toString("base64url") };
  }

  protected override decode(id: string, payload: AdapterPayload): AdapterPayload {
    const { params, ...rest } = super.decode(id, payload);
    const opened = this.#sealer.open(this.#context(id), Buffer.from(String(params), "base64url")).toString();
    return { ...rest, params: JSON.parse(opened) as NonNullable<AdapterPayload["params"]> };
  }

  #context(id: string): string {
    return `oidc_artefacts.params:${this.key(id)}`;
  }
}

function secretContext(clientId: string): string {
  return `oidc_artefacts.client_secret:${clientId}`;
}

/** Nobody stays signed in at the provider. A session is kept only while a sign-out page waits for its answer. */
class SessionAdapter extends OidcAdapter {
  override async upsert(id: string, payload: AdapterPayload, expiresIn?: number): Promise<void> {
    if (payload.state) await super.upsert(id, payload, expiresIn);
  }
}

/**
 * Going on after the approval ends the interaction; of two that go on at once, one finds it ended. Its result is read
 * right after it was written, mostly by the same process.
 */
class InteractionAdapter extends OidcAdapter {
  readonly #results: BriefCache<AdapterPayload>;
  readonly #sealer: Sealer;

  constructor(model: string, parts: OidcAdapterParts) {
    super(model, parts);
    this.#results = new BriefCache(resultCacheTime, parts.clock);
    this.#sealer = parts.sealer;
  }

  /** Of the parameters, only the details can hold a text that is to be signed. */
  protected override encode(id: string, payload: AdapterPayload): object {
    const details = payload.params?.authorization_details;
    if (typeof details !== "string") return payload;
    const sealed = this.#sealer.seal(detailsContext(id), details).toString("base64url");
    return { ...payload, params: { ...payload.params, authorization_details: sealed } };
  }

  protected override decode(id: string, payload: AdapterPayload): AdapterPayload {
    const sealed = payload.params?.authorization_details;
    if (typeof sealed !== "string") return payload;
    const details = this.#sealer.open(detailsContext(id), Buffer.from(sealed, "base64url")).toString();
    return { ...payload, params: { ...payload.params, authorization_details: details } };
  }

  override async upsert(id: string, payload: AdapterPayload, expiresIn?: number): Promise<void> {
    await super.upsert(id, payload, expiresIn);
    if (payload.result) this.#results.set(id, payload);
  }

  override async find(id: string): Promise<AdapterPayload | undefined> {
    return this.#results.get(id) ?? super.find(id);
  }

  override async destroy(id: string): Promise<void> {
    this.#results.delete(id);
    if (!(await this.remove(id))) throw new errors.SessionNotFound("the interaction has ended");
  }
}

function detailsContext(id: string): string {
  return `oidc_artefacts.authorization_details:${id}`;
}

/** Client assertions and DPoP proofs. The insert alone decides; nothing is looked up before it. */
class ReplayAdapter extends OidcAdapter {
  override async upsert(id: string, _payload: AdapterPayload, expiresIn?: number): Promise<void> {
    const { rowCount } = await this.execute(
      "oidc-use-once",
      `INSERT INTO oidc_artefacts (id, model, payload, expires_at) VALUES ($1, 'ReplayDetection', '{}', $2)
       ON CONFLICT (id, model) DO NOTHING`,
      [id, this.expiry(expiresIn)],
    );
    if (rowCount !== 1) throw new AlreadyUsed("was used before");
  }

  override async find(): Promise<undefined> {
    return undefined;
  }
}
