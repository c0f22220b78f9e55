import type { Command } from "./command.ts";

/** Every verb of `xid`, loaded when it is called. */
export const commands: Record<string, { summary: string; load(): Promise<Command> }> = {
  up: {
    summary: "起動する / start the platform, or some of it",
    load: async () => (await import("./commands/up.ts")).up,
  },
  "person create": {
    summary: "住民をつくる / create a sandbox resident",
    load: async () => (await import("./commands/person-create.ts")).personCreate,
  },
  "person list": {
    summary: "住民の一覧 / list the residents",
    load: async () => (await import("./commands/person-list.ts")).personList,
  },
  "person show": {
    summary: "住民とカード / show a resident and their card",
    load: async () => (await import("./commands/person-show.ts")).personShow,
  },
  "person event": {
    summary: "引越し・失効など / let something happen to a resident",
    load: async () => (await import("./commands/person-event.ts")).personEvent,
  },
  "person timeline": {
    summary: "これまでと予定 / what happened to a resident, and what is planned",
    load: async () => (await import("./commands/person-timeline.ts")).personTimeline,
  },
  "person cancel": {
    summary: "予定の取り消し / cancel a planned event",
    load: async () => (await import("./commands/person-cancel.ts")).personCancel,
  },
  "clock show": {
    summary: "時計を見る / what the sandbox's clock shows",
    load: async () => (await import("./commands/clock-show.ts")).clockShow,
  },
  "clock advance": {
    summary: "時計を進める / move the sandbox's clock forward",
    load: async () => (await import("./commands/clock-advance.ts")).clockAdvance,
  },
  "clock set": {
    summary: "その日にする / move the sandbox's clock to a moment",
    load: async () => (await import("./commands/clock-set.ts")).clockSet,
  },
  "card readers": {
    summary: "カードリーダーの一覧 / list this computer's card readers",
    load: async () => (await import("./commands/card-readers.ts")).cardReaders,
  },
  "card info": {
    summary: "カードの状態 / what the card says without a PIN: certificates, tries left",
    load: async () => (await import("./commands/card-info.ts")).cardInfo,
  },
  "card read": {
    summary: "証明書・基本4情報を読む / read certificates and attributes",
    load: async () => (await import("./commands/card-read.ts")).cardRead,
  },
  "card sign": {
    summary: "カードで署名 / sign a file with a key of the card",
    load: async () => (await import("./commands/card-sign.ts")).cardSign,
  },
  "card pin": {
    summary: "暗証番号の変更 / change a PIN",
    load: async () => (await import("./commands/card-pin.ts")).cardPin,
  },
  "card log": {
    summary: "通信の記録 / every command to the card, in words",
    load: async () => (await import("./commands/card-log.ts")).cardLog,
  },
  "card attach": {
    summary: "PC/SCにつなぐ / put the card behind pcscd (vpcd)",
    load: async () => (await import("./commands/card-attach.ts")).cardAttach,
  },
  "wallet enrol": {
    summary: "登録する / enrol a headless wallet with the card",
    load: async () => (await import("./commands/wallet-enrol.ts")).walletEnrol,
  },
  "wallet sign-in": {
    summary: "サインイン / play browser and wallet through a sign-in",
    load: async () => (await import("./commands/wallet-sign-in.ts")).walletSignIn,
  },
  "wallet requests": {
    summary: "届いている依頼 / what services have sent to the holder",
    load: async () => (await import("./commands/wallet-requests.ts")).walletRequests,
  },
  "wallet open": {
    summary: "依頼を開く / open the link of a QR code",
    load: async () => (await import("./commands/wallet-open.ts")).walletOpen,
  },
  "wallet approve": {
    summary: "許可する / approve an opened request",
    load: async () => (await import("./commands/wallet-approve.ts")).walletApprove,
  },
  "wallet decline": {
    summary: "断る / decline a request",
    load: async () => (await import("./commands/wallet-decline.ts")).walletDecline,
  },
  "wallet history": {
    summary: "履歴 / what the holder did",
    load: async () => (await import("./commands/wallet-history.ts")).walletHistory,
  },
  "wallet evidence": {
    summary: "証跡を受け取る / take the evidence of one act away",
    load: async () => (await import("./commands/wallet-evidence.ts")).walletEvidence,
  },
  "wallet services": {
    summary: "連携中のサービス / list the linked services",
    load: async () => (await import("./commands/wallet-services.ts")).walletServices,
  },
  "wallet block": {
    summary: "サービスからの依頼を止める / take no requests that a service sends",
    load: async () => (await import("./commands/wallet-block.ts")).walletBlock,
  },
  "wallet sign-out": {
    summary: "サービスからログアウト / sign out of a service, or everywhere",
    load: async () => (await import("./commands/wallet-sign-out.ts")).walletSignOut,
  },
  "wallet withdraw": {
    summary: "変更の通知をやめる / stop telling a service, or anybody, of changes",
    load: async () => (await import("./commands/wallet-withdraw.ts")).walletWithdraw,
  },
  "wallet unlink": {
    summary: "連携を解除 / unlink a service",
    load: async () => (await import("./commands/wallet-unlink.ts")).walletUnlink,
  },
  "sweep run": {
    summary: "変更の確認をいま行う / ask J-LIS now what has changed",
    load: async () => (await import("./commands/sweep-run.ts")).sweepRun,
  },
  "town create": {
    summary: "大きな町をつくる / create a town of up to sixteen million residents",
    load: async () => (await import("./commands/town-create.ts")).townCreate,
  },
  "town show": {
    summary: "町の規模 / how large the town is",
    load: async () => (await import("./commands/town-show.ts")).townShow,
  },
  "town list": {
    summary: "町の住民 / find residents of the town by name",
    load: async () => (await import("./commands/town-list.ts")).townList,
  },
  "fault list": {
    summary: "障害の一覧 / list what goes wrong on demand",
    load: async () => (await import("./commands/fault-list.ts")).faultList,
  },
  "fault set": {
    summary: "障害を起こす / let something go wrong in the sandbox",
    load: async () => (await import("./commands/fault-set.ts")).faultSet,
  },
  "fault clear": {
    summary: "障害を直す / put everything, or some of it, right again",
    load: async () => (await import("./commands/fault-clear.ts")).faultClear,
  },
  "fault verifiers": {
    summary: "検証者の一覧 / list who may ask the sandbox's J-LIS",
    load: async () => (await import("./commands/fault-verifiers.ts")).faultVerifiers,
  },
  "evidence trust": {
    summary: "信頼の起点をそろえる / collect whom to believe, in a sandbox",
    load: async () => (await import("./commands/evidence-trust.ts")).evidenceTrust,
  },
  "evidence verify": {
    summary: "証跡を確かめる / check evidence, offline",
    load: async () => (await import("./commands/evidence-verify.ts")).evidenceVerify,
  },
  "evidence audit": {
    summary: "証跡を監査する / audit an installation's evidence",
    load: async () => (await import("./commands/evidence-audit.ts")).evidenceAudit,
  },
  "witness serve": {
    summary: "証跡ログの立会人になる / witness evidence logs",
    load: async () => (await import("./commands/witness-serve.ts")).witnessServe,
  },
  "client register": {
    summary: "サービスを登録 / register a relying party",
    load: async () => (await import("./commands/client-register.ts")).clientRegister,
  },
  "webhook listen": {
    summary: "Webhookを受け取って表示 / receive, verify and print webhooks",
    load: async () => (await import("./commands/webhook-listen.ts")).webhookListen,
  },
  "test-relying-party": {
    summary: "サービスを攻撃して試す / play a dishonest provider to a relying party",
    load: async () => (await import("./commands/test-relying-party.ts")).testRelyingParty,
  },
};
