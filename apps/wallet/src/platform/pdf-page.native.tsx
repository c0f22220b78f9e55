/** Phones have no view of a PDF file's pages yet. */
export const PdfPage = null;
