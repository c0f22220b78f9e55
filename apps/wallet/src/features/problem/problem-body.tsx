import { View } from "react-native";
import { useText } from "../../i18n/text.ts";
import { Notice } from "../../ui/notice.tsx";
import { Stack } from "../../ui/stack.tsx";
import { Paragraph, Small, Strong } from "../../ui/words.tsx";
import type { ProblemText } from "./problem-text.ts";

/** What happened (where no title says it), whether it cost a try, what to do now, and a code for support. */
export function ProblemBody({ problem, titled }: { problem: ProblemText; titled: boolean }) {
  const text = useText();
  const data = { dataSet: { code: problem.code } } as object;
  return (
    <Stack>
      <View role="alert">
        <Notice kind="error" title={titled ? problem.what : undefined}>
          {problem.tries ? <Strong testID="problem-tries">{problem.tries}</Strong> : null}
          <Paragraph testID="problem-next">{problem.next}</Paragraph>
        </Notice>
      </View>
      <View testID="problem-code" {...data}>
        <Small>{text("problem.code", { code: problem.code })}</Small>
      </View>
    </Stack>
  );
}
