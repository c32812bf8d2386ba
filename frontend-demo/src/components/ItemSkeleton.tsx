/** The product page in its real shape while it is on the way. */
export function ItemSkeleton() {
  return (
    <div className="item skeleton" aria-hidden="true">
      <div className="picture picture--large bone" />
      <div className="item__facts">
        <span className="bone bone--title" />
        <span className="bone bone--text" />
        <span className="bone bone--block" />
        <span className="bone bone--block" />
        <span className="bone bone--block" />
      </div>
    </div>
  );
}
