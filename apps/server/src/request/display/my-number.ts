import type { Present } from "./present-request.ts";

/** What for, by which law, to which key; and the attributes that the card's record tells along with the number. */
export const presentMyNumber: Present<"my_number"> = (_platform, { account }, { handOver }) => {
  const { name, birthdate, gender, address } = account.attributes;
  return { handOver: { ...handOver, attributes: { name, birthdate, gender, address } } };
};
