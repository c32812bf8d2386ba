import { useSyncExternalStore } from "react";
import { routeOf, type Route } from "../rules/route";

const listeners = new Set<() => void>();

addEventListener("popstate", announce);

function announce(): void {
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Goes to another page of the shop without a reload. */
export function navigate(path: string, how: "push" | "replace" = "push"): void {
  if (how === "push") {
    history.pushState(null, "", path);
    scrollTo(0, 0);
  } else {
    history.replaceState(null, "", path);
  }
  announce();
}

/** The path of the address. */
export function usePath(): string {
  return useSyncExternalStore(subscribe, () => location.pathname);
}

/** What stands behind the path of the address. */
export function useSearch(): string {
  return useSyncExternalStore(subscribe, () => location.search);
}

/** The page of the shop that the address names. */
export function useRoute(): Route {
  return routeOf(usePath());
}

/** The text of the search, kept in the address so that it can be shared and survives a reload. */
export function useSearchText(): [string, (text: string) => void] {
  const text = new URLSearchParams(useSearch()).get("q") ?? "";
  const setText = (next: string): void => {
    navigate(next === "" ? "/" : `/?${new URLSearchParams({ q: next })}`, "replace");
  };
  return [text, setText];
}
