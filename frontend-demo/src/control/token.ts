/** The access token of whoever looks at the control room: it ends with the tab. */
const KEY = "control.token";
const listeners = new Set<() => void>();
let token = read();

export const accessToken = {
  get: (): string => token,
  set(next: string): void {
    token = next;
    try {
      sessionStorage.setItem(KEY, next);
    } catch {
      // Where storage is forbidden it lasts as long as the page.
    }
    for (const listener of listeners) listener();
  },
  subscribe(listener: () => void): () => void {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
};

function read(): string {
  try {
    return sessionStorage.getItem(KEY) ?? "";
  } catch {
    return "";
  }
}
