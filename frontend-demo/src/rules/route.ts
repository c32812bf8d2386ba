/** Addresses of the storefront: what a path means, and how it is written. */

export type Route = { page: "list" } | { page: "item"; sku: string };

export function routeOf(path: string): Route {
  const match = /^\/items\/([^/]+)\/?$/.exec(path);
  if (!match?.[1]) return { page: "list" };
  try {
    return { page: "item", sku: decodeURIComponent(match[1]) };
  } catch {
    return { page: "list" };
  }
}

export function itemPath(sku: string): string {
  return `/items/${encodeURIComponent(sku)}`;
}
