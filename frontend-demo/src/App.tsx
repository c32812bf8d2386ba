import { useEffect, useRef, useState } from "react";
import { Announcer } from "./components/Announcer";
import { CartDrawer } from "./components/CartDrawer";
import { Header } from "./components/Header";
import { ItemPage } from "./components/ItemPage";
import { ListPage } from "./components/ListPage";
import { Note } from "./components/Note";
import { ThemeChoice } from "./components/ThemeChoice";
import { useConnection } from "./hooks/useConnection";
import { useRoute } from "./hooks/useRoute";

/** The shop: one header, one page, and the cart over both. */
export function App() {
  const route = useRoute();
  const isOutdated = useConnection().kind === "outdated";
  const [cartOpen, setCartOpen] = useState(false);
  const main = useRef<HTMLElement>(null);
  const place = route.page;
  const firstPlace = useRef(place);

  useEffect(() => {
    // Screen readers and the keyboard start anew on a new page, but not on the first one.
    if (firstPlace.current !== place) main.current?.focus({ preventScroll: true });
    firstPlace.current = place;
  }, [place]);

  return (
    <>
      <a className="skip" href="#main">
        Skip to the content
      </a>
      <Header onOpenCart={() => setCartOpen(true)} />
      <main id="main" ref={main} tabIndex={-1}>
        {isOutdated && (
          <Note
            title="This page is out of date."
            action={{ words: "Reload", run: () => location.reload() }}
          >
            The shop has been renewed since you opened it. What is held in your cart stays yours.
          </Note>
        )}
        {route.page === "item" ? <ItemPage sku={route.sku} /> : <ListPage />}
      </main>
      <footer className="footer">
        <p>
          A demo shop of the availability hub. <a href="/graphiql">Ask it yourself in GraphiQL</a>
        </p>
        <ThemeChoice />
      </footer>
      <CartDrawer open={cartOpen} onClose={() => setCartOpen(false)} />
      <Announcer />
    </>
  );
}
