import type { IncomingMessage, ServerResponse } from "node:http";

/** As long as what a header section could hold, for the parameters go on as a query. */
const maxFormSize = 12_000;

/**
 * OpenID Connect Core 3.1.2.1 lets an authorization request come as a form too. The provider takes such only with
 * cookies that any site may cause to be sent; so the browser is told to ask for the same by GET.
 */
export function redirectFormToQuery(request: IncomingMessage, response: ServerResponse): void {
  const refuse = (status: number) => response.writeHead(status, { "content-length": 0, connection: "close" }).end();
  if (!request.headers["content-type"]?.startsWith("application/x-www-form-urlencoded")) {
    refuse(415);
    return;
  }
  let form = "";
  request.setEncoding("latin1");
  request.on("data", (chunk: string) => {
    form += chunk;
    if (form.length > maxFormSize) {
      request.removeAllListeners("data");
      refuse(413);
    }
  });
  request.on("end", () => {
    if (response.headersSent) return;
    const location = `${request.url?.replace(/[?#].*$/s, "")}?${new URLSearchParams(form)}`;
    response.writeHead(303, { location, "cache-control": "no-store", "content-length": 0 }).end();
  });
}
