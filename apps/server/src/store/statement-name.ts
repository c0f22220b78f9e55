import pg from "pg";

/** Texts that get a name. The queries of a program are far fewer; lists of changing length could make more. */
const maxNames = 1_000;

const names = new Map<string, string>();

/**
 * The name under which a statement is planned once per connection: parsing and planning cost more than running most of
 * ours. Undefined when there are too many already.
 */
export function statementName(text: string): string | undefined {
  const known = names.get(text);
  if (known !== undefined || names.size >= maxNames) return known;
  const name = `k${names.size}`;
  names.set(text, name);
  return name;
}

/** 0A000, "cached plan must not change result type": a migration has changed the table of a planned statement. */
export function isStalePlan(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.code === "0A000" && error.message.includes("cached plan");
}
