import { useQuery } from "@apollo/client/react";
import { createContext, use, type ReactNode } from "react";
import { keepsake } from "../api/keepsake";
import { PlacesQuery } from "../api/operations";
import type { PlacesQuery as Places } from "../gql/graphql";
import { useKeepsake } from "./useKeepsake";

export type Channel = Places["channels"][number];

interface Channels {
  channels: Channel[];
  /** The chosen shop; `undefined` until the hub has told which there are. */
  channel: Channel | undefined;
  choose: (id: string) => void;
  /** The name of a location, or its id where it is not known. */
  locationName: (id: string) => string;
  state: "loading" | "ready" | "empty" | "failed";
  retry: () => void;
}

const ChannelsContext = createContext<Channels | null>(null);
const chosen = keepsake("storefront.channel", (stored) => stored ?? "");

/** Knows the channels, and which of them this browser shops in. */
export function ChannelsProvider({ children }: { children: ReactNode }) {
  const { data, error, refetch } = useQuery(PlacesQuery);
  const [id, choose] = useKeepsake(chosen);
  const channels = data?.channels ?? [];
  const standard = data?.unscoped.edges[0]?.node.availability.channel;
  const channelOf = (wanted: string | undefined): Channel | undefined =>
    channels.find((channel) => channel.id === wanted);
  const places = channels.flatMap((channel) => channel.locations);
  return (
    <ChannelsContext
      value={{
        channels,
        channel: channelOf(id) ?? channelOf(standard) ?? channels[0],
        choose,
        locationName: (place) => places.find((known) => known.id === place)?.name ?? place,
        state: data ? (channels.length > 0 ? "ready" : "empty") : error ? "failed" : "loading",
        retry: () => void refetch(),
      }}
    >
      {children}
    </ChannelsContext>
  );
}

export function useChannels(): Channels {
  const channels = use(ChannelsContext);
  if (channels === null) throw new Error("useChannels needs a ChannelsProvider above it");
  return channels;
}
