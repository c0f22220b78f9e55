import type { HttpBindings } from "@hono/node-server";
import { Hono } from "hono";
import { clientAddress, isUnlimited } from "../http/client-address.ts";
import { ApiProblem } from "../http/problem.ts";
import { RateLimiter } from "../http/rate-limit.ts";
import { readBody } from "../http/read-body.ts";
import type { Platform } from "../platform.ts";
import { answerOcsp } from "../signature/answer-ocsp.ts";
import { SigningRevocationList } from "../signature/signing-revocation-list.ts";

/** A relying party asks once for each signature that it verifies. */
const callLimit = { burst: 200, perSecond: 20 };

/** Larger than any request that is answered. */
const maxRequestSize = 4096;

/** Whether the platform's signing certificates still stand, for everybody (RFC 5280 4.2.1.13, RFC 6960 appendix A), under /ca. */
export function caApi(platform: Platform): Hono {
  const app = new Hono<{ Bindings: HttpBindings }>();
  const limiter = new RateLimiter(callLimit, platform.clock);
  const list = new SigningRevocationList(platform);

  app.use(async (context, next) => {
    const address = clientAddress(platform.config, context.env.incoming);
    if (!isUnlimited(platform.config, address)) limiter.take(address);
    await next();
  });

  /** The issuing CA and its root. */
  app.get("/signing.pem", (context) => {
    const pem = platform.signingAuthority.chain.map(({ der }) => toPem(der)).join("");
    return context.body(pem, 200, { "content-type": "application/x-pem-file" });
  });

  app.get("/signing.crl", async (context) => {
    const { der } = await list.read();
    return context.body(Buffer.from(der), 200, {
      "content-type": "application/pkix-crl",
      "cache-control": "max-age=300",
    });
  });

  app.get("/root.crl", (context) =>
    context.body(Buffer.from(platform.signingAuthority.rootList), 200, { "content-type": "application/pkix-crl" }),
  );

  app.post("/ocsp", async (context) => {
    if (context.req.header("content-type") !== "application/ocsp-request") {
      throw new ApiProblem("UNSUPPORTED_MEDIA_TYPE");
    }
    return ocspAnswer(await answerOcsp(platform, await readBody(context.req, maxRequestSize)));
  });

  app.get("/ocsp/:request{.+}", async (context) => {
    const request = Buffer.from(context.req.param("request"), "base64");
    return ocspAnswer(await answerOcsp(platform, request));
  });

  return app as unknown as Hono;
}

/** Also when it says that there is no answer (RFC 6960 A.2). */
function ocspAnswer(der: Uint8Array): Response {
  return new Response(Buffer.from(der), {
    headers: { "content-type": "application/ocsp-response", "cache-control": "no-store" },
  });
}

function toPem(der: Uint8Array): string {
  const lines = Buffer.from(der)
    .toString("base64")
    .match(/.{1,64}/g)
    ?.join("\n");
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`;
}
