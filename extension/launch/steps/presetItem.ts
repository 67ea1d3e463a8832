/** A template as an item of a list. */
import type { QuickPickItem } from 'vscode';
import type { Preset } from '../launchDraft.ts';

export interface PresetItem extends QuickPickItem, Preset {}
