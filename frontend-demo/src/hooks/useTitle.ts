import { useEffect } from "react";

const SHOP = "Hearth & Field";

/** The title of the tab; on the list it is the name of the shop alone. */
export function useTitle(page: string | undefined): void {
  useEffect(() => {
    document.title = page ? `${page} · ${SHOP}` : SHOP;
  }, [page]);
}
