import { PAGE_SIZE } from "../hooks/useItems";

/** The list in its real shape while it is on the way. */
export function ListSkeleton() {
  return (
    <ul className="grid skeleton" aria-hidden="true">
      {Array.from({ length: PAGE_SIZE }, (_, place) => (
        <li className="card" key={place}>
          <div className="picture bone" />
          <div className="card__name">
            <span className="bone bone--text" />
          </div>
          <div className="card__price">
            <span className="bone bone--short" />
          </div>
          <div className="badge">
            <span className="bone bone--short" />
          </div>
        </li>
      ))}
    </ul>
  );
}
