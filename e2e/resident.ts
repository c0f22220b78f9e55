import type { Page } from "playwright-core";
import { inject } from "vitest";

/** A resident of the sandbox, as the city office's API gives them. */
export type Resident = {
  id: string;
  name: string;
  birthdate: string;
  gender: "male" | "female" | "unknown";
  address: string;
  pins: { signature: string; authentication: string; text: string };
};

export const appPin = "271828";

export async function createResident(persona = "default"): Promise<Resident> {
  return office("/api/people", { persona });
}

/** Makes a life event happen at the city office. */
export async function happens(
  resident: Resident,
  event: { type: string; [detail: string]: unknown },
): Promise<Resident> {
  return office(`/api/people/${resident.id}/events`, event);
}

async function office(path: string, body: object): Promise<Resident> {
  const response = await fetch(`${inject("places").sandbox}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as Resident;
}

export const element = (page: Page, testId: string) => page.getByTestId(testId);

/** From the app's first screen to a chosen app PIN; sets up the device's authenticator only if told to. */
export async function setUpApp(page: Page, { biometrics = false } = {}): Promise<void> {
  await element(page, "welcome-continue").click();
  await element(page, "pin-new").fill(appPin);
  await element(page, "pin-new-continue").click();
  await element(page, "pin-repeat").fill(appPin);
  await element(page, "pin-repeat-continue").click();
  const asked = element(page, "screen-biometrics");
  await asked.or(element(page, "screen-card-prepare")).waitFor();
  if (await asked.isVisible()) await element(page, biometrics ? "biometrics-enable" : "biometrics-skip").click();
}

/** Chooses the resident's card and types a password; stops before the tap. */
export async function chooseCard(page: Page, resident: Resident, password = resident.pins.signature): Promise<void> {
  await element(page, `card-person-${resident.id}`).click();
  await element(page, "card-prepare-continue").click();
  await typePassword(page, password);
}

export async function typePassword(page: Page, password: string): Promise<void> {
  await element(page, "card-password").fill(password);
  await element(page, "card-password-continue").click();
}

/** Reads the card to the end. */
export async function enrol(page: Page, resident: Resident): Promise<void> {
  await chooseCard(page, resident);
  await element(page, "card-tap").click();
  await element(page, "card-done-continue").click();
}

export async function unlock(page: Page): Promise<void> {
  await element(page, "unlock-pin").fill(appPin);
  await element(page, "unlock-pin-continue").click();
}
