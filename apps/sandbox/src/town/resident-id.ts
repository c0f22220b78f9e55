import type { Town } from "./town.ts";

/** `t-1` is the first of the town. */
export function townResidentId(resident: number): string {
  return `t-${resident + 1}`;
}

/** The resident's number from 0; undefined for an id of anybody else. */
export function townResidentNumber({ plan }: Town, id: string): number | undefined {
  const number = /^t-([1-9]\d{0,8})$/.exec(id)?.[1];
  return number !== undefined && Number(number) <= plan.residents ? Number(number) - 1 : undefined;
}
