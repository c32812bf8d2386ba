/** Values that outlive a reload: kept in `localStorage`, shared by the tabs of one browser. */

export interface Keepsake<T> {
  get(): T;
  set(value: T): void;
  subscribe(listener: () => void): () => void;
}

/**
 * A value under `key`, read with `parse` (which gets `null` when nothing is stored). Where storage
 * is forbidden the value lives as long as the page.
 */
export function keepsake<T>(key: string, parse: (stored: string | null) => T): Keepsake<T> {
  const listeners = new Set<() => void>();
  let value = parse(read(key));

  addEventListener("storage", (event) => {
    if (event.key !== key && event.key !== null) return;
    value = parse(read(key));
    for (const listener of listeners) listener();
  });

  return {
    get: () => value,
    set(next) {
      value = next;
      write(key, typeof next === "string" ? next : JSON.stringify(next));
      for (const listener of listeners) listener();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

function read(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

function write(key: string, text: string): void {
  try {
    localStorage.setItem(key, text);
  } catch {
    // Private windows may forbid it; the page works on without remembering.
  }
}
