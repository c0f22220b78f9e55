import type { PDFDocumentProxy, PDFPageProxy } from "pdfjs-dist";
import { version } from "pdfjs-dist/package.json";

type PdfJs = typeof import("pdfjs-dist");

/** Where tools/copy-pdf-viewer.ts has put PDF.js. */
const folder = `/pdf/${version}/`;

/** Pixels of the largest canvas that every browser on a phone can draw. */
const maxPixels = 16_777_216;

let loading: Promise<PdfJs> | undefined;

/** PDF.js, loaded when the first document is opened; after a failure it is tried again. */
function loadPdfJs(): Promise<PdfJs> {
  loading ??= new Promise<PdfJs>((resolve, reject) => {
    const script = document.createElement("script");
    script.type = "module";
    script.src = `${folder}pdf.min.mjs`;
    script.onload = () => {
      const { pdfjsLib } = globalThis as unknown as { pdfjsLib: PdfJs };
      pdfjsLib.GlobalWorkerOptions.workerSrc = `${folder}pdf.worker.min.mjs`;
      resolve(pdfjsLib);
    };
    script.onerror = () => {
      script.remove();
      loading = undefined;
      reject(new Error("PDF.js could not be loaded"));
    };
    document.head.append(script);
  });
  return loading;
}

/**
 * A PDF file whose pages can be drawn. Nothing in it is run (neither JavaScript nor forms of XFA), no font of it is given to
 * the browser, and nothing is loaded from anywhere but the app's own origin.
 */
export class PdfViewer {
  readonly #document: PDFDocumentProxy;

  private constructor(document: PDFDocumentProxy) {
    this.#document = document;
  }

  /** Rejects when the file can't be drawn. */
  static async open(file: Uint8Array): Promise<PdfViewer> {
    const pdfJs = await loadPdfJs();
    // The worker takes its bytes away from whoever gives them.
    const data = file.slice();
    const { promise } = pdfJs.getDocument({
      data,
      cMapUrl: `${folder}cmaps/`,
      standardFontDataUrl: `${folder}standard_fonts/`,
      wasmUrl: `${folder}wasm/`,
      useWasm: false,
      disableFontFace: true,
      disableWorkerRendering: true,
      enableXfa: false,
      verbosity: 0,
    });
    return new PdfViewer(await promise);
  }

  get pages(): number {
    return this.#document.numPages;
  }

  /** Draws a page with its seals and other annotations, `width` CSS pixels wide; resolves with the words on it. */
  async draw(page: number, canvas: HTMLCanvasElement, width: number, signal: AbortSignal): Promise<string> {
    const proxy = await this.#document.getPage(page);
    signal.throwIfAborted();
    const { width: natural, height } = proxy.getViewport({ scale: 1 });
    const wanted = (width / natural) * Math.min(devicePixelRatio || 1, 3);
    const scale = Math.min(wanted, Math.sqrt(maxPixels / (natural * height)));
    const viewport = proxy.getViewport({ scale });
    // Drawn aside, so that the page before stays until this one is whole.
    const aside = document.createElement("canvas");
    aside.width = Math.floor(viewport.width);
    aside.height = Math.floor(viewport.height);
    const task = proxy.render({ canvas: aside, viewport });
    const stop = () => task.cancel();
    signal.addEventListener("abort", stop);
    await task.promise.finally(() => signal.removeEventListener("abort", stop));
    signal.throwIfAborted();
    canvas.width = aside.width;
    canvas.height = aside.height;
    canvas.getContext("2d")?.drawImage(aside, 0, 0);
    return wordsOf(proxy);
  }

  close(): void {
    void this.#document.loadingTask.destroy();
  }
}

async function wordsOf(page: PDFPageProxy): Promise<string> {
  const { items } = await page.getTextContent();
  return items
    .map((item) => ("str" in item ? item.str + (item.hasEOL ? "\n" : "") : ""))
    .join("")
    .trim();
}
