import { useEffect } from "react";
import { keepsake } from "../api/keepsake";
import { useKeepsake } from "../hooks/useKeepsake";

const THEMES = ["system", "light", "dark"] as const;
type Theme = (typeof THEMES)[number];

const chosen = keepsake<Theme>(
  "storefront.theme",
  (stored) => THEMES.find((theme) => theme === stored) ?? "system",
);

/** Light, dark, or as the system has it. `index.html` applies the choice before the first paint. */
export function ThemeChoice() {
  const [theme, choose] = useKeepsake(chosen);
  useEffect(() => {
    if (theme === "system") delete document.documentElement.dataset["theme"];
    else document.documentElement.dataset["theme"] = theme;
  }, [theme]);
  return (
    <fieldset className="theme">
      <legend className="visually-hidden">Appearance</legend>
      {THEMES.map((option) => (
        <label key={option}>
          <input
            type="radio"
            name="theme"
            checked={theme === option}
            onChange={() => choose(option)}
          />
          <span>{option[0]?.toUpperCase() + option.slice(1)}</span>
        </label>
      ))}
    </fieldset>
  );
}
