/** Whether an address lies under the platform's issuer URL: the app goes nowhere else after a decision. */
export function isOfPlatform(address: string, platformUrl: string): boolean {
  if (!URL.canParse(address)) return false;
  const { origin, username, password } = new URL(address);
  return origin === new URL(platformUrl).origin && username === "" && password === "";
}
