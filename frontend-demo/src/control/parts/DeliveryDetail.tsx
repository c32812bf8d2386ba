import { DeliveryQuery } from "../operations";
import { countWords, sizeWords } from "../rules/wording";
import { SELDOM_MS, useLive } from "../useLive";
import { Bones, Tag } from "./Small";

const SHOWN_FINDINGS = 100;

/** What became of the rows of a delivery, and what was sent. */
export function DeliveryDetail({ id }: { id: string }) {
  const { data, refusal } = useLive(DeliveryQuery, { id }, SELDOM_MS);
  const delivery = data?.delivery;
  if (data !== undefined && !delivery) return <p className="quiet">It is not kept any more.</p>;
  if (!delivery) return refusal ? <p className="refusal">{refusal.words}</p> : <Bones />;
  const { findings } = delivery.report;
  return (
    <div className="detail">
      {findings.length === 0 && <p className="quiet">Nothing was wrong with any row.</p>}
      {findings.length > 0 && (
        <div className="scroll" role="region" aria-label="Report" tabIndex={0}>
          <table className="table">
            <caption>Report</caption>
            <thead>
              <tr>
                <th scope="col" className="number">
                  Line
                </th>
                <th scope="col">Column</th>
                <th scope="col">What</th>
                <th scope="col">Code</th>
                <th scope="col">Problem</th>
              </tr>
            </thead>
            <tbody>
              {findings.slice(0, SHOWN_FINDINGS).map((finding, place) => (
                <tr key={place}>
                  <td className="number">{finding.line ?? "–"}</td>
                  <td>{finding.column ?? "–"}</td>
                  <td>
                    <Tag tone={finding.severity === "ERROR" ? "act" : "watch"}>
                      {finding.severity === "ERROR" ? "Left out" : "Warning"}
                    </Tag>
                  </td>
                  <td>
                    <code>{finding.code}</code>
                  </td>
                  <td className="wide">{finding.problem}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {findings.length > SHOWN_FINDINGS && (
        <p className="quiet">
          The first {SHOWN_FINDINGS} of {countWords(findings.length, "finding")} are shown.
        </p>
      )}
      <details>
        <summary>As it came ({sizeWords(delivery.size)})</summary>
        <pre className="code" tabIndex={0}>
          {delivery.payload}
        </pre>
      </details>
    </div>
  );
}
