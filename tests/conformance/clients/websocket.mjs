/** What browsers, and Node from 22 on, bring by themselves. */
import { WebSocket } from "ws";

globalThis.WebSocket ??= WebSocket;
