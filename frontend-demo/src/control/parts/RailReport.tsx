import { limitPlace, railTitle, railValue, type Tripped } from "../rules/wording";

/** Why a snapshot is in quarantine: each guard rail with its limit, and how far it went beyond. */
export function RailReport({ report }: { report: readonly Tripped[] }) {
  return (
    <ul className="rails">
      {report.map((tripped) => (
        <li key={tripped.rail}>
          <p className="rails__title">
            {railTitle(tripped.rail)}: {railValue(tripped.rail, tripped.actual)}
            <span className="quiet">; believed up to {railValue(tripped.rail, tripped.limit)}</span>
          </p>
          <div className="rails__bar" aria-hidden="true">
            <span style={{ left: `${limitPlace(tripped) * 100}%` }} />
          </div>
          <p className="rails__problem">It {tripped.problem}.</p>
        </li>
      ))}
    </ul>
  );
}
