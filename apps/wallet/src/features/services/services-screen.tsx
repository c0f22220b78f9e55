import type { LinkedServices } from "@xid/protocol";
import { useCallback, useEffect, useState } from "react";
import { StyleSheet, View } from "react-native";
import { useApp } from "../../app-context.ts";
import { presentDate } from "../../i18n/present.ts";
import { useLanguage, useText } from "../../i18n/text.ts";
import { Button } from "../../ui/button.tsx";
import { Choice } from "../../ui/choice.tsx";
import { Page } from "../../ui/page.tsx";
import { Half, Pair, Stack } from "../../ui/stack.tsx";
import { Status } from "../../ui/status.tsx";
import { colors } from "../../ui/theme.ts";
import { Heading, Paragraph, Small } from "../../ui/words.tsx";
import { type RequestProblem, toRequestProblem } from "../problem/problem.ts";
import { ProblemScreen } from "../problem/problem-screen.tsx";

type LinkedService = LinkedServices["services"][number];
type ServicesScreenProps = { onBack: () => void; onHome: () => void; onRegister: () => void };

/** Who may know what, and the way to end it. */
export function ServicesScreen({ onBack, onHome, onRegister }: ServicesScreenProps) {
  const text = useText();
  const language = useLanguage();
  const { wallet } = useApp();
  const [services, setServices] = useState<LinkedService[]>();
  const [problem, setProblem] = useState<RequestProblem>();
  const [leaving, setLeaving] = useState<LinkedService>();
  const [said, setSaid] = useState("");
  const run = useCallback((work: Promise<LinkedServices>) => {
    setProblem(undefined);
    work.then(
      (answer) => setServices(answer.services),
      (error: unknown) => setProblem(toRequestProblem(error)),
    );
  }, []);
  const load = useCallback(() => run(wallet.client().then((client) => client.services())), [run, wallet]);
  useEffect(load, [load]);
  const unlink = (service: LinkedService) => {
    setLeaving(undefined);
    const work = async () => {
      const client = await wallet.client();
      await client.unlinkService(service.clientId);
      setSaid(text("services.unlinked", { client: service.name[language] }));
      return client.services();
    };
    run(work());
  };
  /** At one service, or everywhere. */
  const signOut = (service?: LinkedService) => {
    const work = async () => {
      const client = await wallet.client();
      await client.signOut(service?.clientId);
      setSaid(
        service
          ? text("services.signedOut", { client: service.name[language] })
          : text("services.signedOut.everywhere"),
      );
      return client.services();
    };
    run(work());
  };
  const change = (service: LinkedService) => {
    const work = async () => {
      const client = await wallet.client();
      await client.changeService(service.clientId, { requestsBlocked: !service.requestsBlocked });
      setSaid(text("services.requests.changed", { client: service.name[language] }));
      return client.services();
    };
    run(work());
  };
  const stopChanges = (service: LinkedService) => {
    const work = async () => {
      const client = await wallet.client();
      await client.withdrawLatestAttributes(service.clientId);
      setSaid(text("services.latest.stopped", { client: service.name[language] }));
      return client.services();
    };
    run(work());
  };
  if (problem) return <ProblemScreen problem={problem} on={{ retry: load, home: onHome, register: onRegister }} />;
  if (leaving) return <UnlinkScreen service={leaving} onConfirm={unlink} onCancel={() => setLeaving(undefined)} />;
  return (
    <Page name="services" title={text("services.title")} onBack={onBack}>
      <Status>{services ? said : text("home.loading")}</Status>
      {services?.length === 0 ? (
        <Stack testID="services-none">
          <Paragraph>{text("services.none")}</Paragraph>
          <Small>{text("services.none.next")}</Small>
        </Stack>
      ) : null}
      {services?.some(({ sessions }) => sessions > 0) ? (
        <Button
          kind="outlined"
          testID="services-sign-out-everywhere"
          label={text("services.signOut.everywhere")}
          onPress={() => signOut()}
        />
      ) : null}
      {services?.map((service) => (
        <Service
          key={service.clientId}
          service={service}
          onSignOut={() => signOut(service)}
          onRequests={() => change(service)}
          onStopChanges={() => stopChanges(service)}
          onUnlink={() => setLeaving(service)}
        />
      ))}
    </Page>
  );
}

type ServiceProps = {
  service: LinkedService;
  onSignOut: () => void;
  onRequests: () => void;
  onStopChanges: () => void;
  onUnlink: () => void;
};

function Service({ service, onSignOut, onRequests, onStopChanges, onUnlink }: ServiceProps) {
  const text = useText();
  const language = useLanguage();
  const { clientId, domain, items, linkedAt, lastUsedAt, sessions } = service;
  const name = service.name[language];
  const list = new Intl.ListFormat(language, { type: "conjunction" }).format(
    items.map((item) => text(`attribute.${item}`)),
  );
  return (
    <View testID={`service-${clientId}`} style={styles.service}>
      <Heading>{name}</Heading>
      <Small>{domain}</Small>
      <Paragraph>
        {items.length === 0 ? text("services.items.none") : text("services.items", { items: list })}
      </Paragraph>
      <Small>{text("services.linked", { date: presentDate(language, linkedAt) })}</Small>
      <Small>{text("services.used", { date: presentDate(language, lastUsedAt) })}</Small>
      {sessions > 0 ? <Small>{text("services.sessions", { count: String(sessions) })}</Small> : null}
      {service.latestAttributes ? (
        <Changes
          consent={service.latestAttributes}
          testID={`service-latest-${clientId}`}
          stopName={text("services.latest.stop.of", { client: name })}
          onStop={onStopChanges}
        />
      ) : null}
      <View style={styles.space} />
      <Choice
        role="checkbox"
        testID={`service-requests-${clientId}`}
        label={text("services.requests")}
        help={text("services.requests.help")}
        checked={!service.requestsBlocked}
        onPress={onRequests}
      />
      <View style={styles.space} />
      {sessions > 0 ? (
        <Button
          kind="outlined"
          testID={`service-sign-out-${clientId}`}
          label={text("services.signOut")}
          name={text("services.signOut.of", { client: name })}
          onPress={onSignOut}
        />
      ) : null}
      <Button
        kind="outlined"
        testID={`service-unlink-${clientId}`}
        label={text("services.unlink")}
        name={text("services.unlink.of", { client: name })}
        onPress={onUnlink}
      />
    </View>
  );
}

type ChangesProps = {
  consent: NonNullable<LinkedService["latestAttributes"]>;
  testID: string;
  /** For those who cannot see whose button it is. */
  stopName: string;
  onStop: () => void;
};

/** What the service is told of, why and until when; who has looked last; and the way to end it. */
function Changes({ consent, testID, stopName, onStop }: ChangesProps) {
  const text = useText();
  const language = useLanguage();
  const items = new Intl.ListFormat(language, { type: "conjunction" }).format(
    consent.items.map((item) => text(`attribute.${item}`)),
  );
  return (
    <Stack testID={testID}>
      <Paragraph>{text("services.latest", { items, date: presentDate(language, consent.until) })}</Paragraph>
      <Small>{text("services.latest.purpose", { purpose: consent.purpose[language] })}</Small>
      {consent.reads.slice(0, 3).map(({ purpose, at }) => (
        <Small key={`${at} ${purpose}`}>
          {text("services.latest.read", { date: presentDate(language, at), purpose })}
        </Small>
      ))}
      <Button
        kind="outlined"
        testID={`${testID}-stop`}
        label={text("services.latest.stop")}
        name={stopName}
        onPress={onStop}
      />
    </Stack>
  );
}

type UnlinkScreenProps = {
  service: LinkedService;
  onConfirm: (service: LinkedService) => void;
  onCancel: () => void;
};

function UnlinkScreen({ service, onConfirm, onCancel }: UnlinkScreenProps) {
  const text = useText();
  return (
    <Page name="unlink" title={text("services.unlink.title", { client: service.name[useLanguage()] })}>
      <Paragraph>{text("services.unlink.lead")}</Paragraph>
      <Pair>
        <Half>
          <Button kind="outlined" testID="unlink-cancel" label={text("services.unlink.cancel")} onPress={onCancel} />
        </Half>
        <Half>
          <Button
            kind="outlined"
            testID="unlink-confirm"
            label={text("services.unlink.confirm")}
            onPress={() => onConfirm(service)}
          />
        </Half>
      </Pair>
    </Page>
  );
}

const styles = StyleSheet.create({
  space: { height: 6 },
  service: { gap: 6, borderWidth: 1, borderColor: colors.faintLine, borderRadius: 8, padding: 16 },
});
