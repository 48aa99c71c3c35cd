// The public API: everything a consumer, an analyzer or a tap of one's own needs. Re-exports only.

export type { AttachOptions } from './consumer/attach.js';
export { attach } from './consumer/attach.js';
export type {
  Consumer,
  ConsumerCounters,
  ConsumerEnd,
  ConsumerOptions,
  ReceiveOptions,
} from './consumer/consumer.js';
export { type ControlCommand, controlTap } from './consumer/control.js';
export type { DialOptions } from './consumer/dial.js';
export type { GroupCounters } from './consumer/group-counters.js';
export { listTaps, type Observer, observe, tapStats } from './consumer/observe.js';
export type { Choices, FixedShare } from './consumer/selection.js';
export type { PacketStreamOptions } from './consumer/streams.js';
export { tapDirectory } from './control/address.js';
export type { ConsumerStats, ControlAction, Policy, StartAt, TapStats } from './control/messages.js';
export {
  CaptureError,
  ClosedError,
  ProtocolError,
  RingError,
  SavefileError,
  TapError,
  type TapErrorCode,
  type TapErrorFacts,
} from './errors.js';
export { formatIPv4, formatIPv6, formatMac, ipv4Text, ipv6Text } from './packet/address.js';
export type { InterfaceInfo, TimestampSource } from './packet/interface.js';
export { Ipv6Extension, LayerProblem, NONE } from './packet/layer-codes.js';
export { Layers } from './packet/layers.js';
export { EtherType } from './packet/link-layer.js';
export { Linktype, linktypeDescription, linktypeName } from './packet/linktype.js';
export { makePacket, type PacketFields, type PacketView } from './packet/packet-view.js';
export { RecordFlag } from './packet/record.js';
export { IpProtocol } from './packet/transport-layer.js';
export type { PacketBatch } from './ring/packet-batch.js';
export type { PacketChunk } from './ring/packet-chunk.js';
export type { ReaderCounters } from './ring/ring-reader.js';
export type { SourceCounters } from './ring/source-counters.js';
export type { Compression, SavefileFormat } from './savefile/format.js';
export type { SavefileOrigin } from './savefile/pcapng/section-header.js';
export type { InterfaceStatistics } from './savefile/writer.js';
export { FileSink, type FileSinkOptions, type SinkOutcome } from './sink/file.js';
export type { FileLimits } from './sink/file-limits.js';
export { FileSeries, type FileSeriesOptions, type Rotation, type SeriesOutcome } from './sink/file-series.js';
export { type CapOptions, type CapSource, openCap } from './source/cap.js';
export { type DeviceChoice, listLinktypes, listTimestampTypes } from './source/device-choices.js';
export { type DeviceProbe, probeDevice } from './source/device-probe.js';
export { type DeviceInfo, listDevices } from './source/devices.js';
export {
  type DeviceState,
  type LiveChange,
  type LiveDevice,
  type LiveOptions,
  type LiveSource,
  openLive,
} from './source/live.js';
export type { PacketLike, SendOptions } from './source/packet-like.js';
export type { PacketSource, SourceControl, SourceEnd } from './source/packet-source.js';
export { type PcapParserOptions, PcapParserSource } from './source/pcap-parser.js';
export type { Packets } from './source/pulled-packets.js';
export { type Pace, type ReplayOptions, type ReplayResult, ReplaySource } from './source/replay.js';
export type { ReplayTiming } from './source/replay-timing.js';
export { type PublishOptions, Tap, type TapEnd, type TapEvents, type TapOptions } from './tap/tap.js';
