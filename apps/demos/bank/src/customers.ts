import { randomInt } from "node:crypto";
import { chmodSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

/** The four items as they were verified when the account was opened. */
export type VerifiedItems = {
  name: string;
  /** YYYY-MM-DD */
  birthdate: string;
  gender: "male" | "female" | "unknown";
  address: string;
};

export type Customer = VerifiedItems & {
  /** The person's subject at this bank. */
  subject: string;
  /** Three digits. */
  branch: string;
  /** Seven digits. */
  accountNumber: string;
  /** ISO 8601, UTC. */
  openedAt: string;
};

/** The bank's customers: on disk before `open` returns, one account per person. */
export class Customers {
  #database: DatabaseSync;

  /** Readable by the owner only. `:memory:` keeps nothing. */
  constructor(directory: string) {
    if (directory !== ":memory:") mkdirSync(directory, { recursive: true, mode: 0o700 });
    const file = directory === ":memory:" ? directory : join(directory, "customers.db");
    this.#database = new DatabaseSync(file);
    if (file !== ":memory:") chmodSync(file, 0o600);
    this.#database.exec(`
      PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
      CREATE TABLE IF NOT EXISTS customers (
        subject TEXT PRIMARY KEY, branch TEXT NOT NULL, account_number TEXT NOT NULL, opened_at TEXT NOT NULL,
        name TEXT NOT NULL, birthdate TEXT NOT NULL, gender TEXT NOT NULL, address TEXT NOT NULL,
        UNIQUE (branch, account_number)
      ) STRICT;`);
  }

  find(subject: string): Customer | undefined {
    const row = this.#database.prepare("SELECT * FROM customers WHERE subject = ?").get(subject);
    if (!row) return undefined;
    const { account_number: accountNumber, opened_at: openedAt, ...rest } = row;
    return { ...rest, accountNumber, openedAt } as Customer;
  }

  /** Opens an account, or gives the one that the person has. */
  open(
    subject: string,
    items: VerifiedItems,
    now: Date,
    draw = drawAccountNumber,
  ): { customer: Customer; isNew: boolean } {
    const known = this.find(subject);
    if (known) return { customer: known, isNew: false };
    const insert = this.#database.prepare(`
      INSERT INTO customers (subject, branch, account_number, opened_at, name, birthdate, gender, address)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (branch, account_number) DO NOTHING`);
    const { name, birthdate, gender, address } = items;
    // a number that is taken is drawn again; of 27 million numbers a demo takes few
    for (let attempt = 0; attempt < 20; attempt += 1) {
      const { branch, accountNumber } = draw();
      const { changes } = insert.run(
        subject,
        branch,
        accountNumber,
        now.toISOString(),
        name,
        birthdate,
        gender,
        address,
      );
      if (changes === 1) return { customer: this.find(subject)!, isNew: true };
    }
    throw new Error("no account number is free");
  }

  close(): void {
    this.#database.close();
  }
}

/** Branches of the bank, by their three digits. */
export const branches: Record<string, { ja: string; en: string }> = {
  "101": { ja: "さくら支店", en: "Sakura branch" },
  "102": { ja: "わかば支店", en: "Wakaba branch" },
  "103": { ja: "ひばり支店", en: "Hibari branch" },
};

function drawAccountNumber(): { branch: string; accountNumber: string } {
  const names = Object.keys(branches);
  return { branch: names[randomInt(names.length)]!, accountNumber: String(randomInt(1_000_000, 10_000_000)) };
}
