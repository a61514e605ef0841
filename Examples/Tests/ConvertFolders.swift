// A folder of recordings, and a pipeline of one's own.

import Foundation
import PointClouds
import Sonoform
import Synchronization
import SystemPackage
import Testing

@Suite struct ConvertFolders {
    @Test func `a batch leaves a cloud per recording and a report, and goes on where it ended`() throws {
        let folder = try TemporaryFolder()
        let (recordings, clouds) = (folder.path + "/recordings", folder.path + "/clouds")
        try FileManager.default.createDirectory(atPath: recordings, withIntermediateDirectories: true)
        for name in ["red-ball.flac", "silence.wav"] {
            try FileManager.default.copyItem(atPath: sample(name), toPath: "\(recordings)/\(name)")
        }

        var batch = Batch(
            directory: FilePath(recordings), output: FilePath(clouds), version: "my program 1.0")
        batch.workers = 2
        let finished = Mutex(0)
        let summary = try batch.run(pipeline) { _, summary in finished.withLock { $0 = max($0, summary.done) } }
        #expect((summary.converted, summary.failed) == (1, 1))
        #expect(finished.withLock(\.self) == 2)
        #expect(try PointCloud(reading: clouds + "/red-ball.flac.ply").count == 4_096)

        batch.resumes = true
        let resumed = try batch.run(pipeline) { _, _ in }
        #expect((resumed.kept, resumed.failed) == (1, 1))
    }

    @Test func `several descriptions in one recording come one at a time`() throws {
        var heard: [String] = []
        try pipeline.convertUtterances(of: sample("red-ball.flac")) { utterance in
            switch utterance.outcome {
            case .success(let conversion): heard.append(conversion.description)
            case .failure(let error): Issue.record(error)
            }
        }
        #expect(heard == ["red sphere"])
    }

    @Test func `a pipeline of one's own is named by its folder`() throws {
        let folder = try PipelineCopy()
        let own = try Pipeline(directory: PipelineLocation.find(named: folder.path))
        #expect("\(own.directory)".hasSuffix("/pipeline"))
        #expect(try own.convert(text: "a red cube").description == "red cube")
    }
}
