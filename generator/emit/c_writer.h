// Lines of C: indentation, braces, and places that are filled later.
#pragma once

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

namespace exo {

class CWriter {
 public:
  /// One line at the current depth; an empty one stays empty.
  void line(const std::string& text) {
    lines_.push_back({text.empty() ? "" : std::string(4 * depth_, ' ') + text, true});
  }
  /// One line at the left margin, for the preprocessor.
  void margin(const std::string& text) { lines_.push_back({text, true}); }
  /// Several lines of C that somebody else wrote.
  void verbatim(const std::string& text) {
    for (size_t begin = 0; begin < text.size();) {
      const size_t end = std::min(text.find('\n', begin), text.size());
      margin(text.substr(begin, end - begin));
      begin = end + 1;
    }
  }
  /// `head {` ... `}`.
  void block(const std::string& head, const std::function<void()>& body) {
    open(head.empty() ? "{" : head + " {");
    body();
    close("}");
  }
  void open(const std::string& head) { line(head), ++depth_; }
  void close(const std::string& tail) { --depth_, line(tail); }
  /// `} else {`: ends one block and begins the next.
  void reopen(const std::string& text) { --depth_, line(text), ++depth_; }

  /// A place for lines that are known only later; it vanishes if nothing is put there.
  using Mark = size_t;
  Mark mark() {
    lines_.push_back({std::string(4 * depth_, ' '), false});
    return lines_.size() - 1;
  }
  void fill(Mark mark, const std::string& text) {
    Line& at = lines_[mark];
    at.text = at.filled ? at.text + "\n" + indent_of(at.text) + text : at.text + text;
    at.filled = true;
  }

  std::string text() const {
    std::string out;
    for (const Line& line : lines_)
      if (line.filled) out += line.text + "\n";
    return out;
  }

 private:
  struct Line {
    std::string text;
    bool filled;
  };
  static std::string indent_of(const std::string& text) { return text.substr(0, text.find_first_not_of(' ')); }

  std::vector<Line> lines_;
  size_t depth_ = 0;
};

}  // namespace exo
