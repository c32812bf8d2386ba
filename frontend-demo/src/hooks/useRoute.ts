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

/** The page that the address names. */
export function useRoute(): Route {
  const path = useSyncExternalStore(subscribe, () => location.pathname);
  return routeOf(path);
}

/** The text of the search, kept in the address so that it can be shared and survives a reload. */
export function useSearchText(): [string, (text: string) => void] {
  const query = useSyncExternalStore(subscribe, () => location.search);
  const text = new URLSearchParams(query).get("q") ?? "";
  const setText = (next: string): void => {
    navigate(next === "" ? "/" : `/?${new URLSearchParams({ q: next })}`, "replace");
  };
  return [text, setText];
}
