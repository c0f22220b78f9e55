import { useState } from "react";
import { Text, View } from "react-native";
import { useText } from "../../i18n/text.ts";
import { PdfPage } from "../../platform/pdf-page";
import { Button } from "../../ui/button.tsx";
import { Notice } from "../../ui/notice.tsx";
import { Half, Pair, Stack } from "../../ui/stack.tsx";
import { Paragraph, Small } from "../../ui/words.tsx";

type PagesViewProps = { file: Uint8Array; pages: number };

const zooms = [1, 1.5, 2, 3] as const;

/** The pages of the document itself, one at a time, with the seals as they will be seen. */
export function PagesView({ file, pages }: PagesViewProps) {
  const text = useText();
  const [page, setPage] = useState(1);
  const [zoom, setZoom] = useState(0);
  const [seen, setSeen] = useState<ReadonlySet<number>>(new Set());
  const [failed, setFailed] = useState(false);
  if (!PdfPage) {
    return (
      <Notice kind="warning" title={text("request.sign.undrawn")}>
        <Paragraph>{text("request.sign.browser")}</Paragraph>
      </Notice>
    );
  }
  if (failed) {
    return (
      <Notice kind="error" testID="document-failed" title={text("request.sign.undrawn")}>
        <Paragraph>{text("request.sign.undrawn.next")}</Paragraph>
        <Button kind="text" testID="document-retry" label={text("common.retry")} onPress={() => setFailed(false)} />
      </Notice>
    );
  }
  const label = text("request.sign.page", { n: page, of: pages });
  const unseen = pages - seen.size;
  return (
    <Stack testID="document-pages">
      <PdfPage
        file={file}
        page={page}
        zoom={zooms[zoom]!}
        label={label}
        onDrawn={(drawn) => setSeen((before) => new Set(before).add(drawn))}
        onProblem={() => setFailed(true)}
      />
      <View role="status">
        <Text>
          <Small testID="document-page-number">{label}</Small>
        </Text>
      </View>
      {pages > 1 ? (
        <Pair>
          <Half>
            <Button
              kind="outlined"
              testID="document-previous"
              label={text("request.sign.page.previous")}
              disabled={page === 1}
              onPress={() => setPage(page - 1)}
            />
          </Half>
          <Half>
            <Button
              kind="outlined"
              testID="document-next"
              label={text("request.sign.page.next")}
              disabled={page === pages}
              onPress={() => setPage(page + 1)}
            />
          </Half>
        </Pair>
      ) : null}
      <Pair>
        <Half>
          <Button
            kind="outlined"
            testID="document-smaller"
            label={text("request.sign.smaller")}
            disabled={zoom === 0}
            onPress={() => setZoom(zoom - 1)}
          />
        </Half>
        <Half>
          <Button
            kind="outlined"
            testID="document-larger"
            label={text("request.sign.larger")}
            disabled={zoom === zooms.length - 1}
            onPress={() => setZoom(zoom + 1)}
          />
        </Half>
      </Pair>
      {unseen > 0 ? <Small testID="document-unseen">{text("request.sign.page.unseen", { n: unseen })}</Small> : null}
    </Stack>
  );
}
