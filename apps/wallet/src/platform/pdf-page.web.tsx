import { useEffect, useRef, useState } from "react";
import type { PdfPageProps } from "./pdf-page-props.ts";
import { PdfViewer } from "./pdf-viewer.web.ts";

/** Draws a page on a canvas, with its words beside it for those who do not see it. */
export function PdfPage({ file, page, zoom, label, onDrawn, onProblem }: PdfPageProps) {
  const frame = useRef<HTMLElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const listeners = useRef({ onDrawn, onProblem });
  listeners.current = { onDrawn, onProblem };
  const [viewer, setViewer] = useState<PdfViewer | null>(null);
  const [words, setWords] = useState("");
  const width = useWidth(frame);
  useEffect(() => {
    let left = false;
    const opening = PdfViewer.open(file);
    opening.then(
      (opened) => (left ? opened.close() : setViewer(opened)),
      () => left || listeners.current.onProblem(),
    );
    return () => {
      left = true;
      setViewer(null);
      void opening.then((opened) => opened.close()).catch(() => undefined);
    };
  }, [file]);
  useEffect(() => {
    if (!viewer || !canvas.current || width === 0) return;
    const ending = new AbortController();
    viewer.draw(page, canvas.current, width * zoom, ending.signal).then(
      (text) => {
        setWords(text);
        listeners.current.onDrawn(page);
      },
      () => ending.signal.aborted || listeners.current.onProblem(),
    );
    return () => ending.abort();
  }, [viewer, page, zoom, width]);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a page larger than its frame is scrolled by keys, too.
    <section ref={frame} className="xid-pdf" aria-label={label} tabIndex={0} data-testid="document-page">
      <canvas ref={canvas} aria-hidden style={{ width: `${zoom * 100}%` }} />
      <p className="xid-words" data-testid="document-words">
        {words}
      </p>
    </section>
  );
}

/** CSS pixels that the content of an element may fill. */
function useWidth(element: React.RefObject<HTMLElement | null>): number {
  const [width, setWidth] = useState(0);
  useEffect(() => {
    if (!element.current) return;
    const observer = new ResizeObserver(([entry]) => entry && setWidth(Math.floor(entry.contentRect.width)));
    observer.observe(element.current);
    return () => observer.disconnect();
  }, [element]);
  return width;
}
