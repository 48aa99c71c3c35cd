# Two modules, so that a consumer's machine needs no libpcap: core (memory, sockets, ring, replay) and pcap (capture,
# filter compilation), the latter only where libpcap's headers are. core/ and pcap/ never see Node; binding/ only converts.
{
  'variables': {
    'has_pcap%': '<!(test -e /usr/include/pcap/pcap.h && echo 1 || echo 0)',
  },
  'target_defaults': {
    'include_dirs': ['<!(node -p "require(\'node-addon-api\').include_dir")'],
    'defines': ['NAPI_VERSION=9', 'NODE_ADDON_API_CPP_EXCEPTIONS', 'NODE_ADDON_API_DISABLE_DEPRECATED', 'NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS'],
    # Node unloads a module with the last thread that loaded it. Handles that are still closing and the signal handler would
    # then point to nothing.
    'ldflags': ['-Wl,-z,nodelete'],
    'cflags!': ['-fno-exceptions'],
    'cflags_cc!': ['-fno-exceptions', '-fno-rtti', '-std=gnu++17', '-std=gnu++20'],
    'cflags_cc': ['-std=c++17', '-g1', '-fvisibility=hidden', '-Wall', '-Wextra', '-Wno-unused-parameter'],
  },
  'targets': [
    {
      'target_name': 'core',
      'sources': [
        'binding/selection.cc', 'core/selection.cc', 'core/share.cc', 'core/share_group.cc', 'core/ring_history.cc',
        'binding/channel.cc', 'binding/mapped_buffer.cc', 'core/message_memory.cc',
        'binding/core.cc', 'binding/ring.cc', 'binding/replay.cc', 'binding/socket.cc',
        'binding/ring_append.cc', 'binding/compress.cc', 'core/record_batch.cc', 'core/memfd.cc', 'core/shared_memory.cc', 'core/consumer.cc', 'core/session.cc', 'core/flow_hash.cc', 'core/ring_writer.cc', 'core/lanes.cc', 'core/bpf.cc',
        'core/gate.cc', 'core/pacer.cc', 'core/restamper.cc', 'core/replay.cc', 'core/seqpacket.cc', 'core/fault_report.cc',
        'core/savefile/input.cc', 'core/savefile/reader.cc', 'core/savefile/pcap.cc', 'core/savefile/pcapng.cc',
        'core/savefile/interface_description.cc', 'core/savefile/packet_blocks.cc', 'core/savefile/merge.cc',
        'core/savefile/follow.cc', 'core/savefile/decoder.cc', 'core/savefile/gzip.cc', 'core/savefile/zstd.cc',
        'core/savefile/zstd_writer.cc', 'core/savefile/lz4.cc',
        'binding/process.cc', 'core/every_thread.cc', 'core/privilege.cc', 'core/seccomp.cc', 'core/service_manager.cc',
      ],
    },
  ],
  'conditions': [
    ['has_pcap==1', {
      'targets': [
        {
          'target_name': 'pcap',
          'sources': [
            'core/bpf.cc', 'core/share.cc', 'core/ring_history.cc',
            'binding/pcap.cc', 'binding/capture.cc', 'binding/injector.cc',
            'pcap/capture.cc', 'pcap/capture_lanes.cc', 'pcap/fanout.cc', 'pcap/live_device.cc', 'pcap/open_handle.cc',
            'pcap/device_filter.cc', 'pcap/device_facts.cc', 'pcap/device_choices.cc',
            'pcap/injector.cc', 'pcap/open_failure.cc', 'pcap/devices.cc', 'pcap/filter.cc',
            'pcap/filter_plan.cc',
            'core/memfd.cc', 'core/shared_memory.cc', 'core/consumer.cc', 'core/session.cc', 'core/flow_hash.cc', 'core/ring_writer.cc', 'core/bpf.cc',
          ],
          'libraries': ['-lpcap'],
        },
      ],
    }],
  ],
}
