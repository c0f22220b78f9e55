import { once } from "node:events";
import type { Server } from "node:http";
import { join } from "node:path";
import type { Logger } from "pino";
import { relyingPartyApi } from "./api/api.ts";
import { presentEvent } from "./api/webhooks/present-event.ts";
import { caApi } from "./ca/api.ts";
import type { Config } from "./config.ts";
import { workRegularly } from "./continuity/work-regularly.ts";
import { credentialApi } from "./credential/api.ts";
import { sweepDocuments } from "./document/delete-document.ts";
import { DeliveryWorker } from "./events/delivery-worker.ts";
import { CheckpointPublisher, vouchersOf } from "./evidence/checkpoint-publisher.ts";
import { loadLogKey } from "./evidence/log-key.ts";
import { eraseExpired } from "./evidence/retention.ts";
import { Sequencer } from "./evidence/sequencer.ts";
import { openTimestampAuthority } from "./evidence/timestamp-authority.ts";
import { createApp } from "./http/app.ts";
import { limitFailures } from "./http/limit-failures.ts";
import { createHttpServer } from "./http/server.ts";
import { connectJpki } from "./jpki/jpki.ts";
import { OutageLog } from "./jpki/outage-log.ts";
import { logApi } from "./log/api.ts";
import { authenticateByToken } from "./oidc/access-token.ts";
import { createAssets } from "./oidc/assets.ts";
import { Announcer } from "./oidc/back-channel/announcements.ts";
import { createInteraction } from "./oidc/interaction.ts";
import { loadProviderKeys, tokenSigner } from "./oidc/keys.ts";
import { findClients } from "./oidc/known-client.ts";
import { LogoutNotifier } from "./oidc/logout/logout-notifier.ts";
import { createProvider, providerForms, providerPaths } from "./oidc/provider.ts";
import { Subjects } from "./oidc/subjects.ts";
import { WaitingPages } from "./oidc/waiting-pages.ts";
import type { Platform } from "./platform.ts";
import { dropHandOvers } from "./request/hand-over.ts";
import { loadCredentialKeys } from "./signature/credential-key.ts";
import { loadSigningAuthority } from "./signature/signing-authority.ts";
import { openStore } from "./store/store.ts";
import { sweep } from "./store/sweep.ts";
import { walletApi } from "./wallet/api.ts";

const sweepInterval = 60_000;

/** How long calls that are under way at a stop may take, in milliseconds. */
const stopGrace = 3_000;

export type RunningServer = {
  /** Finishes what is under way, then leaves the database in order. */
  stop(): Promise<void>;
};

/** Config → store → roles. Resolves when it can serve; what was begun is undone if it cannot. */
export async function startServer(config: Config, log: Logger): Promise<RunningServer> {
  const clock = Date.now;
  const keyDirectory = join(config.dataDirectory, "keys");
  const store = await openStore(config, (message) => log.info(message));
  try {
    const { database, sealer, unsynced } = store;
    const [jpki, signingAuthority, logKey, credentialKeys, keys] = await Promise.all([
      connectJpki(config, clock, log),
      loadSigningAuthority(config, clock),
      loadLogKey(keyDirectory, config.issuer),
      loadCredentialKeys(keyDirectory),
      loadProviderKeys(keyDirectory),
    ]);
    const timestamps = await openTimestampAuthority(config, { clock, log, jpki });
    const vouchers = vouchersOf(config.evidence, timestamps, new OutageLog(log, clock));
    const publisher = new CheckpointPublisher({ database, clock, log }, logKey.name, vouchers);
    const sequencer = new Sequencer({ database, clock, log }, logKey);
    const platform: Platform = {
      config,
      database,
      unsynced,
      sealer,
      jpki,
      signingAuthority,
      timestamps,
      credentialKeys,
      evidenceLog: sequencer,
      signToken: tokenSigner(keys),
      clock,
      log,
    };
    const subjects = new Subjects(platform, keys.pairwise);
    const provider = createProvider(platform, store, keys);
    const findClient = findClients(provider, subjects);
    const deliveries = new DeliveryWorker(platform, async (event) => {
      const client = await findClient(event.client_id);
      return client && presentEvent(platform, client, event);
    });
    const app = createApp(platform, {
      interaction: createInteraction(platform, {
        provider,
        subjects,
        cookies: keys.cookies,
        waitingPages: new WaitingPages(platform),
      }),
      assets: await createAssets(),
      walletApi: walletApi(platform),
      caApi: caApi(platform),
      credentialApi: credentialApi(platform),
      logApi: logApi(platform),
      relyingPartyApi: relyingPartyApi(platform, authenticateByToken(provider, findClient)),
    });
    const handleOauth = limitFailures(platform, provider.callback());
    const server = createHttpServer(platform, {
      provider: handleOauth,
      providerPaths,
      forms: providerForms(handleOauth),
      app,
    });
    server.listen(config.port);
    await once(server, "listening");
    const stopSweeping = sweepEveryMinute(platform);
    const stopWorking = workRegularly(platform);
    sequencer.start();
    publisher.start();
    const announcer = new Announcer(platform, provider);
    announcer.start();
    const logoutNotifier = new LogoutNotifier(platform, provider);
    logoutNotifier.start();
    deliveries.start();
    return {
      async stop() {
        stopSweeping();
        await stopWorking();
        await close(server);
        await announcer.stop();
        await logoutNotifier.stop();
        await deliveries.stop();
        await sequencer.stop();
        await publisher.stop();
        await store.close();
      },
    };
  } catch (error) {
    await store.close();
    throw error;
  }
}

function sweepEveryMinute({ database, sealer, jpki, clock, log }: Platform): () => void {
  const timer = setInterval(() => {
    Promise.all([
      sweep(database, clock()),
      dropHandOvers(database, clock()),
      sweepDocuments({ database }, clock()),
      jpki.now().then((now) => eraseExpired({ database, sealer }, now)),
    ]).catch((error) => log.warn({ err: error }, "expired rows could not be swept"));
  }, sweepInterval);
  return () => clearInterval(timer);
}

async function close(server: Server): Promise<void> {
  const closed = once(server, "close");
  server.close();
  // Pages that wait are told by the end of their stream, and connect again to whoever serves then.
  const timer = setTimeout(() => server.closeAllConnections(), stopGrace);
  server.closeIdleConnections();
  await closed;
  clearTimeout(timer);
}
