/** What pages draw from, and what they may do. */
import type {
  ConnectionSource,
  ModuleDescription,
  SourceDescription,
} from '../../../engine/protocol/connections/connectionSource.ts';
import type { ConnectionsState, ExportedTable, MatrixLayer, Side } from '../../../engine/protocol/connectionsView.ts';
import type { InspectionRequests } from '../../../engine/protocol/connections/inspection.ts';
import type { Theme } from '../../theme/theme.ts';
import type { Ground, Palette } from '../color/palette.ts';
import type { Answers, Revision } from '../inquiry/answers.ts';

/** A source at a moment. */
export interface SourceAtMoment {
  readonly source: ConnectionSource;
  readonly description: SourceDescription;
  readonly revision: Revision;
}

/** A source at the moment that is shown. */
export interface ShownSource extends SourceAtMoment {
  /** An earlier moment that was shown of the run: its figures stand where those of this one are on their way. */
  readonly before?: SourceAtMoment | undefined;
}

export interface Look {
  readonly theme: Theme;
  readonly ground: Ground;
  readonly sequential: Palette;
  readonly diverging: Palette;
}

export interface View {
  readonly state: ConnectionsState;
  readonly left: ShownSource;
  /** What the left one is compared with. */
  readonly right: ShownSource | undefined;
  /** The one of the two whose matrix, neurons and inputs are looked at. */
  readonly shown: ShownSource;
  readonly answers: Answers;
  readonly look: Look;
  readonly actions: Actions;
}

/** A place to go to: a module, and in it a neuron, an input, or a connection, by index. */
export interface Target {
  readonly module: string;
  /** The layer as it is, where none is named. */
  readonly layer?: MatrixLayer;
  readonly row?: number;
  readonly column?: number;
}

export interface Actions {
  update(change: Partial<ConnectionsState>): void;
  /** Opens the matrix page at the target. */
  open(target: Target): void;
  /** Shows another moment, k or strategy of the source on this side. */
  showSource(source: ConnectionSource, side?: Side): void;
  /** Asks for the connections and exports them. */
  exportConnections(name: string, question: InspectionRequests['inspection/connections']['params']): void;
  exportCsv(name: string, table: ExportedTable): void;
  exportPng(name: string, canvas: HTMLCanvasElement): void;
  retry(): void;
  showLog(): void;
}

export function moduleOf({ description }: ShownSource, name: string | null): ModuleDescription | undefined {
  return description.modules.find(({ module }) => module === name);
}
