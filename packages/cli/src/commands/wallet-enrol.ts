import { PinEntry, pinOptions } from "../card/pin-entry.ts";
import { CliError } from "../cli-error.ts";
import { defineCommand } from "../command.ts";
import { openOrCreateWallet } from "../wallet/open-wallet.ts";
import { personOption, requirePerson } from "../wallet/person-option.ts";

export const walletEnrol = defineCommand({
  positionals: [],
  options: {
    ...personOption,
    ...pinOptions,
    "other-devices": { type: "string", value: "WHAT", help: "replace or keep the devices enrolled before (replace)" },
    "device-name": { type: "string", value: "NAME", help: "name of this device (xid CLI)" },
  },
  notes: ["An enrolment that was killed is taken up where it was left."],
  async run(call) {
    const { values, places } = call;
    const person = requirePerson(values.person);
    const otherDevices = values["other-devices"] ?? "replace";
    if (otherDevices !== "replace" && otherDevices !== "keep") {
      throw new CliError("USAGE", "--other-devices is replace or keep");
    }
    const wallet = await openOrCreateWallet(places.dataDirectory, person, places.platform);
    const { state, deviceId, account, attributes, replacedDevices } = await wallet.enrol({
      sandbox: places.sandbox,
      pin: await new PinEntry(call).current("signature"),
      lastTryAllowed: values["last-try"] ?? false,
      otherDevices,
      deviceName: values["device-name"] ?? "xid CLI",
    });
    return {
      json: { person, state, deviceId, account, attributes, replacedDevices },
      text: `登録しました / enrolled: ${attributes.name} (${account === "created" ? "新規 new" : "既存 existing"} account)`,
    };
  },
});
