import { CartButton } from "./CartButton";
import { ChannelChoice } from "./ChannelChoice";
import { ConnectionState } from "./ConnectionState";
import { Link } from "./Link";

export function Header({ onOpenCart }: { onOpenCart: () => void }) {
  return (
    <header className="header">
      <div className="header__inside">
        <Link href="/" className="brand">
          <svg className="brand__mark" viewBox="0 0 28 28" aria-hidden="true">
            <path d="M5 25V12.5a9 9 0 0 1 18 0V25h-5.5V13a3.5 3.5 0 0 0-7 0v12Z" />
          </svg>
          Hearth &amp; Field
        </Link>
        <div className="header__state">
          <ConnectionState />
          <ChannelChoice />
        </div>
        <CartButton onOpen={onOpenCart} />
      </div>
    </header>
  );
}
