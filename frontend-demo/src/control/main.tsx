import { ApolloProvider } from "@apollo/client/react";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { client } from "./client";
import { ControlRoom } from "./ControlRoom";
import "../styles/tokens.css";
import "../styles/base.css";
import "../styles/frame.css";
import "./styles/room.css";
import "./styles/lists.css";

const root = document.getElementById("root");
if (root === null) throw new Error("control.html has no #root");

createRoot(root).render(
  <StrictMode>
    <ApolloProvider client={client}>
      <ControlRoom />
    </ApolloProvider>
  </StrictMode>,
);
