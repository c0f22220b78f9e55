import {
  findNodeAtLocation,
  getNodeValue,
  type JSONPath,
  type Node,
  type ParseError,
  parseTree,
  printParseErrorCode,
} from "jsonc-parser";
import { SandboxError, type SandboxErrorCode } from "../error.ts";
import type { Resident } from "../store/people.ts";
import type { World } from "../world.ts";
import { withKeys } from "./happen.ts";
import { RegistrationRequest, registerOne } from "./register.ts";

const mostResidents = 500;

/** Which field of an entry a refusal is about. */
const fieldOf: Partial<Record<SandboxErrorCode, string>> = {
  PERSONA_UNKNOWN: "persona",
  ID_TAKEN: "id",
  NAME_UNSUITABLE: "name",
  BIRTHDATE_UNSUITABLE: "birthdate",
  ADDRESS_UNSUITABLE: "address",
};

/**
 * Registers the residents of a file, all of them or none: a JSON array of registrations, of which `persona` may be left out.
 * Throws what a registration throws, and MALFORMED; the message begins with the line and the field.
 */
export async function registerFile(world: World, text: string): Promise<Resident[]> {
  const file = parseFile(text);
  const residents = await withKeys(
    world.database,
    (keys) =>
      file.entries.map((entry, index) => {
        try {
          return registerOne(world, entry, keys);
        } catch (error) {
          if (!(error instanceof SandboxError)) throw error;
          const field = fieldOf[error.code];
          throw new SandboxError(error.code, `${file.where([index, ...(field ? [field] : [])])}: ${error.message}`);
        }
      }),
    2 * file.entries.length,
  );
  world.schedule.arm();
  return residents;
}

type PeopleFile = {
  entries: RegistrationRequest[];
  /** Such as `line 3, [0].birthdate`. */
  where(path: PropertyKey[]): string;
};

function parseFile(text: string): PeopleFile {
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { disallowComments: true, allowTrailingComma: false });
  const lineAt = (offset: number) => text.slice(0, offset).split("\n").length;
  const [broken] = errors;
  if (broken) {
    const what = printParseErrorCode(broken.error);
    throw new SandboxError("MALFORMED", `line ${lineAt(broken.offset)}: not JSON (${what})`);
  }
  if (!root) throw new SandboxError("MALFORMED", "line 1: the file is empty");
  const where = (path: PropertyKey[]) => `line ${lineAt(nodeAt(root, path).offset)}, ${written(path)}`;
  const values: unknown = getNodeValue(root);
  if (!Array.isArray(values) || values.length === 0 || values.length > mostResidents) {
    throw new SandboxError("MALFORMED", `line 1: an array of 1 to ${mostResidents} residents is expected`);
  }
  const entries = values.map((value: unknown, index) => {
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    const parsed = RegistrationRequest.safeParse(isObject ? { persona: "default", ...value } : value);
    if (parsed.success) return parsed.data;
    const { path, message } = parsed.error.issues[0]!;
    throw new SandboxError("MALFORMED", `${where([index, ...path])}: ${message}`);
  });
  return { entries, where };
}

/** The value at a path; of one that is absent, what it is absent from. */
function nodeAt(root: Node, path: PropertyKey[]): Node {
  for (let length = path.length; length > 0; length--) {
    const node = findNodeAtLocation(root, path.slice(0, length) as JSONPath);
    if (node) return node;
  }
  return root;
}

function written(path: PropertyKey[]): string {
  return path.map((step) => (typeof step === "number" ? `[${step}]` : `.${String(step)}`)).join("");
}
