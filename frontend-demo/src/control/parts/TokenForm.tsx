import { useState } from "react";
import { accessToken } from "../token";

/** Asks for a token where the hub wants one. It stays in this tab. */
export function TokenForm({ why, onGiven }: { why: string; onGiven: () => void }) {
  const [typed, setTyped] = useState("");
  return (
    <form
      className="panel token"
      onSubmit={(event) => {
        event.preventDefault();
        accessToken.set(typed.trim());
        onGiven();
      }}
    >
      <h1>Who is there?</h1>
      <p role="status">{why}</p>
      <p className="quiet">
        A token with the scopes <code>admin</code>, <code>events:ingest</code> and{" "}
        <code>stock:write</code> opens all of this room. It is kept in this tab only.
      </p>
      <label className="field">
        Access token
        <input
          type="password"
          autoComplete="off"
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
        />
      </label>
      <button type="submit" className="button button--main" disabled={typed.trim() === ""}>
        Open
      </button>
    </form>
  );
}
