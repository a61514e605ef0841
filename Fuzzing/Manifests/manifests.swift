// A libFuzzer target over the JSON of pipelines and scenes: any bytes are one or refused with one line.

import CFuzzing
import FuzzedFile
import Glibc
import SystemPackage

@testable import Sonoform

/// A folder in which every file that is read leads to the fuzzed one; "self" is whatever process looks.
private func folder(of file: String) -> FilePath {
    let folder = "/dev/shm/sonoform-fuzzing-folder-" + file.split(separator: "/").last!
    if mkdir(folder, 0o700) == 0 || errno == EEXIST {
        for name in [PipelineManifest.fileName, DescriptionLanguage.fileName] { symlink(file, "\(folder)/\(name)") }
    }
    return FilePath(folder)
}

/// Reads the bytes as pipeline.json, as language.json and as a scene.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzManifests(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let folder = folder(of: fuzzedFile(bytes, count))
    do { _ = try PipelineManifest(directory: folder) } catch { checkError(error) }
    do { _ = try DescriptionLanguage(directory: folder) } catch { checkError(error) }
    do {
        let scene = try Scene(json: Array(UnsafeBufferPointer(start: bytes, count: count)))
        let again = try Scene(json: scene.json())
        precondition(again.json() == scene.json(), "a scene is read as it was written")
    } catch {
        checkError(error)
    }
    return 0
}

/// SwiftPM's name for this program's main.
@_cdecl("FuzzManifests_main")
public func main(_ count: CInt, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) -> CInt {
    runFuzzer(count, arguments)
}
