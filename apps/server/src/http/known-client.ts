/** A relying party as far as it matters what it may be told. */
export type KnownClient = {
  clientId: string;
  /** Whether its legal role lets it have certificates of cards, their serial numbers and why they were revoked. */
  receivesCertificates: boolean;
  people: KnownPeople;
};

/** The people who are linked with a relying party, by its own ids for them (`sub`). */
export type KnownPeople = {
  subjectOf(accountId: string): string;
  /** By subject; who is not linked now is not in it. */
  findLinked(subjects: readonly string[]): Promise<Map<string, string>>;
  /** By subject, also those whose link has ended: for what goes on without it, such as keeping records. */
  findKnown(subjects: readonly string[]): Promise<Map<string, string>>;
};

export type FindClient = (clientId: string) => Promise<KnownClient | undefined>;
