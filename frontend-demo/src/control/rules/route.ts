/** Addresses of the control room: what a path means, and how it is written. */

export type View =
  | { view: "sources" }
  | { view: "source"; name: string }
  | { view: "quarantine" }
  | { view: "letters" };

export const SOURCES_PATH = "/control";
export const QUARANTINE_PATH = "/control/quarantine";
export const LETTERS_PATH = "/control/dead-letters";

export function viewOf(path: string): View {
  const plain = path.replace(/\/$/, "");
  if (plain === QUARANTINE_PATH) return { view: "quarantine" };
  if (plain === LETTERS_PATH) return { view: "letters" };
  const source = /^\/control\/sources\/([^/]+)$/.exec(plain)?.[1];
  if (source === undefined) return { view: "sources" };
  try {
    return { view: "source", name: decodeURIComponent(source) };
  } catch {
    return { view: "sources" };
  }
}

export function sourcePath(name: string): string {
  return `/control/sources/${encodeURIComponent(name)}`;
}

/** The dead letters of a source. */
export function lettersPath(source: string): string {
  return `${LETTERS_PATH}?source=${encodeURIComponent(source)}`;
}

/** Which dead letters are shown: kept in the address, so that it can be shared. */
export interface LettersSought {
  source: string;
  state: string;
}

export function soughtOf(search: string): LettersSought {
  const parameters = new URLSearchParams(search);
  const state = parameters.get("state") ?? "DEAD";
  return { source: parameters.get("source") ?? "", state };
}

export function searchOf({ source, state }: LettersSought): string {
  const parameters = new URLSearchParams();
  if (source !== "") parameters.set("source", source);
  if (state !== "DEAD") parameters.set("state", state);
  const text = parameters.toString();
  return text === "" ? LETTERS_PATH : `${LETTERS_PATH}?${text}`;
}
