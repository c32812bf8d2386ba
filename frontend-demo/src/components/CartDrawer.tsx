import { useEffect, useRef } from "react";
import { Cart } from "./Cart";
import { Icon } from "./Icon";

/** The cart over any page. A native dialog: focus and Escape are the browser's. */
export function CartDrawer({ open, onClose }: { open: boolean; onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (open) dialog.current?.showModal();
    else dialog.current?.close();
  }, [open]);
  return (
    <dialog
      ref={dialog}
      className="drawer"
      aria-labelledby="drawer-title"
      onClose={onClose}
      onClick={(event) => {
        const onBackdrop = event.target === dialog.current;
        const followedLink = event.target instanceof Element && event.target.closest("a");
        if (onBackdrop || followedLink) onClose();
      }}
    >
      <div className="drawer__inside">
        <div className="drawer__head">
          <h2 id="drawer-title">Cart</h2>
          <button type="button" className="button button--icon" onClick={onClose}>
            <Icon name="close" />
            <span className="visually-hidden">Close the cart</span>
          </button>
        </div>
        {open && <Cart />}
      </div>
    </dialog>
  );
}
