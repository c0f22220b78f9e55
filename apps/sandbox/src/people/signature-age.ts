/** Under this age there is no signature certificate. */
export const signatureAge = 15;
