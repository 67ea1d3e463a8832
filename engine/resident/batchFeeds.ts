/**
 * The inputs of a pass that all layers share, on the device for as long as the pass lasts; positions alone travel at every
 * use, since the WebGPU provider copies no int64.
 */
import type { SharedFeeds } from '../inference/sharedFeeds.ts';
import type { DeviceTensor, HostTensor, RuntimeTensor } from '../runtime/tensor.ts';
import type { DeviceMemory } from './deviceMemory.ts';

export interface BatchFeeds {
  /** To be asked for once per run of a layer. */
  forLayer(layer: number): Readonly<Record<string, RuntimeTensor>>;
  dispose(): void;
}

/** Layers with the same attention window share a mask, and so does its copy. */
export async function uploadShared(memory: DeviceMemory, shared: SharedFeeds, layerCount: number): Promise<BatchFeeds> {
  const copies = new Map<HostTensor, DeviceTensor>();
  const layers: Record<string, DeviceTensor>[] = [];
  const travelling: Record<string, HostTensor>[] = [];
  for (let layer = 0; layer < layerCount; layer++) {
    const feeds = Object.entries(shared.forLayer(layer));
    travelling.push(Object.fromEntries(feeds.filter(([, { type }]) => type === 'int64')));
    const uploaded: Record<string, DeviceTensor> = {};
    for (const [name, tensor] of feeds.filter(([, { type }]) => type !== 'int64')) {
      const copy = copies.get(tensor) ?? (await memory.upload(tensor));
      copies.set(tensor, copy);
      uploaded[name] = copy;
    }
    layers.push(uploaded);
  }
  return {
    forLayer(layer) {
      const inHost = travelling[layer] ?? {};
      for (const tensor of Object.values(inHost)) memory.countUpload(tensor);
      return { ...layers[layer], ...inHost };
    },
    dispose() {
      for (const copy of copies.values()) copy.dispose();
    },
  };
}
