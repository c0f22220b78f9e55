import "./src/schemas-without-eval.ts";
import { registerRootComponent } from "expo";
import { App } from "./src/app.tsx";
import { allowOwnScripts } from "./src/platform/script-addresses.ts";

allowOwnScripts();
registerRootComponent(App);
