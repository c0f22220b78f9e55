/** One page of a PDF file, as every viewer shows it. */
export type PdfPageProps = {
  file: Uint8Array;
  /** From 1. */
  page: number;
  /** 1 fills the width that there is. */
  zoom: number;
  /** Said by screen readers, before the words on the page. */
  label: string;
  onDrawn: (page: number) => void;
  onProblem: () => void;
};
