// Runs the Jenkinsfile on standard input, in which `slipway` is the step of the file that is named, and prints what the
// step got and what Jenkins' own steps were handed.
import groovy.json.JsonOutput
import groovy.json.JsonSlurper
import org.codehaus.groovy.control.CompilerConfiguration

/** A word with a body runs it; any other word is only there. */
abstract class Pipeline extends Script {
  def methodMissing(String name, arguments) {
    def body = arguments.find { it instanceof Closure }
    return body ? body() : name
  }

  def propertyMissing(String name) {
    return name
  }
}

def told = [:]
def step = new GroovyShell().parse(new File(args[0]))
step.metaClass.error = { String message -> throw new IllegalArgumentException(message) }
step.metaClass.withEnv = { List variables, Closure body ->
  told.variables = variables
  body()
}
def sh = { String script -> told.script = script }
step.metaClass.sh = sh

def given = new JsonSlurper().parseText(System.getenv('SETTINGS'))
def call = { Map settings ->
  told.settings = settings
  step.call(settings)
}
def configuration = new CompilerConfiguration(scriptBaseClass: Pipeline.name)
def binding = new Binding(slipway: call, sh: sh, SETTINGS: given)
def shell = new GroovyShell(Pipeline.classLoader, binding, configuration)
try {
  shell.evaluate("${System.in.text}\n@interface Library { String[] value() }")
} catch (IllegalArgumentException refused) {
  told.error = refused.message
}
print JsonOutput.toJson(told)
