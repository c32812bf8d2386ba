/** The access token of whoever looks at the control room: it ends with the tab. */
const KEY = "control.token";
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
  },
};

function read(): string {
  try {
    return sessionStorage.getItem(KEY) ?? "";
  } catch {
    return "";
  }
}
