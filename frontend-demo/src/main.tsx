import { ApolloProvider } from "@apollo/client/react";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./App";
import { client } from "./api/client";
import { ChannelsProvider } from "./hooks/useChannel";
import { HoldsProvider } from "./hooks/useHolds";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/frame.css";
import "./styles/list.css";
import "./styles/item.css";
import "./styles/cart.css";

const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no #root");

createRoot(root).render(
  <StrictMode>
    <ApolloProvider client={client}>
      <ChannelsProvider>
        <HoldsProvider>
          <App />
        </HoldsProvider>
      </ChannelsProvider>
    </ApolloProvider>
  </StrictMode>,
);
