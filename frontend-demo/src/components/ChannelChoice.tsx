import { useChannels } from "../hooks/useChannel";
import { Icon } from "./Icon";

/** Which shop one is in: each has its own locations, and so its own numbers. */
export function ChannelChoice() {
  const { channels, channel, choose } = useChannels();
  return (
    <label className="choice">
      <span className="visually-hidden">Shop</span>
      <select
        value={channel?.id ?? ""}
        disabled={channels.length === 0}
        onChange={(event) => choose(event.target.value)}
      >
        {channels.length === 0 && <option value="">Shop</option>}
        {channels.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </select>
      <Icon name="chevron" />
    </label>
  );
}
