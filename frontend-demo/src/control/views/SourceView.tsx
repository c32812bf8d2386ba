import { useState } from "react";
import { Icon } from "../../components/Icon";
import { Link } from "../../components/Link";
import { Note } from "../../components/Note";
import type { SourceDeliveryState } from "../gql/graphql";
import { DeliveriesQuery, SourcesQuery } from "../operations";
import { Awaited } from "../parts/Awaited";
import { DeliveryDetail } from "../parts/DeliveryDetail";
import { Tag, When } from "../parts/Small";
import { HealthFacts } from "../parts/SourceHealth";
import { SOURCES_PATH } from "../rules/route";
import { configurationRows, sizeWords } from "../rules/wording";
import { useLive } from "../useLive";

const NONE = {};
const SHOWN = 50;

/** A source: its configuration, and what came from it with what became of that. */
export function SourceView({ name }: { name: string }) {
  const { data } = useLive(SourcesQuery, NONE);
  const source = data?.sources.find((one) => one.name === name);
  return (
    <>
      <Link href={SOURCES_PATH} className="back">
        <Icon name="back" /> Sources
      </Link>
      <h1>{name}</h1>
      {data !== undefined && source === undefined && (
        <Note tone="plain" title="There is no such source.">
          It may have been removed; what it has told stays.
        </Note>
      )}
      {source && (
        <section className="panel" aria-label="Configuration">
          <p className="quiet">
            {source.format} · version {source.version}, <When moment={source.updatedAt} /> by{" "}
            {source.updatedBy}
          </p>
          {source.health && <HealthFacts health={source.health} />}
          <dl className="settings">
            {configurationRows(source.configuration).map(([part, text]) => (
              <div key={part}>
                <dt>{part}</dt>
                <dd>
                  <code>{text}</code>
                </dd>
              </div>
            ))}
          </dl>
        </section>
      )}
      <Deliveries source={name} />
    </>
  );
}

function Deliveries({ source }: { source: string }) {
  const [only, setOnly] = useState<SourceDeliveryState>();
  const [open, setOpen] = useState<string>();
  const state = only === undefined ? null : [only];
  const { data, refusal, retry } = useLive(DeliveriesQuery, { source, state, first: SHOWN });
  const deliveries = data?.deliveries.edges.map((edge) => edge.node);
  return (
    <section aria-labelledby="deliveries">
      <div className="panel__head">
        <h2 id="deliveries">Deliveries</h2>
        <label className="check">
          <input
            type="checkbox"
            checked={only === "REFUSED"}
            onChange={(event) => setOnly(event.target.checked ? "REFUSED" : undefined)}
          />
          Refused only
        </label>
      </div>
      {deliveries === undefined && (
        <Awaited refusal={refusal} title="The deliveries cannot be shown." retry={retry} />
      )}
      {deliveries?.length === 0 && (
        <Note tone="plain" title={only ? "No delivery was refused." : "None has come yet."}>
          What it sends by request or stream is kept here as it came. What is fetched, uploaded or
          imported is not.
        </Note>
      )}
      <ul className="rows">
        {deliveries?.map((delivery) => (
          <li key={delivery.id} className="rows__one">
            <button
              type="button"
              className="rows__button"
              aria-expanded={open === delivery.id}
              onClick={() => setOpen(open === delivery.id ? undefined : delivery.id)}
            >
              <Tag tone={delivery.state === "REFUSED" ? "act" : "good"}>
                {delivery.state === "REFUSED" ? "Refused" : "Accepted"}
              </Tag>
              <span className="rows__main">
                <b>{delivery.senderId ?? `Delivery ${delivery.id}`}</b>
                <span className="quiet">
                  {delivery.mediaType} · {sizeWords(delivery.size)}
                </span>
              </span>
              <span className="rows__numbers">
                {delivery.report.accepted} new, {delivery.report.duplicates} known,{" "}
                <span className={delivery.report.refused > 0 ? "bad" : undefined}>
                  {delivery.report.refused} refused
                </span>
              </span>
              <span className="quiet rows__when">
                <When moment={delivery.receivedAt} />
                <Icon name="chevron" />
              </span>
            </button>
            {open === delivery.id && <DeliveryDetail id={delivery.id} />}
          </li>
        ))}
      </ul>
      {data?.deliveries.pageInfo.hasNextPage && (
        <p className="quiet">The {SHOWN} newest are shown.</p>
      )}
    </section>
  );
}
